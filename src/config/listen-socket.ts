import { formatLabelScope, labelScopeForm, parseLabelScope, type LabelScope } from '../model/label-scope.js';
import { roles, type Role } from '../model/role.js';
import { ConfigError } from './config-error.js';
import { readChoice, readMode, readName, readSocket } from './values.js';

/** A socket to listen on. What is undefined has its default. */
export interface ListenSocket {
  /** Absolute. */
  readonly path: string;
  /** `admin` by default, or what the name of a service manager's socket says. */
  readonly role?: Role;
  /** Permission bits; those of --socket-mode by default. */
  readonly mode?: number;
  /** Name or number; that of --socket-group by default. */
  readonly group?: string;
  /** Only networks with it are seen and changed, and new ones get it. */
  readonly label?: LabelScope;
}

type Settings = Omit<ListenSocket, 'path'>;

/** Each reads the text of one setting. @param subject begins the message of an error */
const readers: { readonly [S in keyof Settings]-?: (subject: string, text: string) => NonNullable<Settings[S]> } = {
  role: (subject, text) => readChoice(subject, text, roles),
  mode: readMode,
  group: readName,
  label: (subject, text) => {
    const label = parseLabelScope(text);
    if (label === undefined) throw new ConfigError(`${subject} ${text}: not ${labelScopeForm}`);
    return label;
  },
};

const names = Object.keys(readers) as readonly (keyof Settings)[];

/** Reads `unix:///PATH?role=read&mode=0666&group=NAME`; a path without `unix:` may have a question mark. @throws ConfigError */
export function readListenSocket(flag: string, value: string): ListenSocket {
  const at = value.startsWith('unix:') ? value.indexOf('?') : -1;
  if (at < 0) return { path: readSocket(flag, value) };
  const subject = `${flag} ${value}`;
  const texts = new Map<keyof Settings, string>();
  for (const setting of value.slice(at + 1).split('&')) {
    const [given = '', ...rest] = setting.split('=');
    const name = names.find((one) => one === given);
    if (name === undefined)
      throw new ConfigError(`${subject}: no such setting ${JSON.stringify(given)}; there is ${names.join(', ')}`);
    if (rest.length === 0) throw new ConfigError(`${subject}: ${name} has no value; write ${name}=VALUE`);
    if (texts.has(name)) throw new ConfigError(`${subject}: ${name} stands twice; leave one out`);
    texts.set(name, decode(subject, rest.join('=')));
  }
  const entries = Array.from(texts, ([name, text]) => [name, readers[name](`${subject}: ${name}`, text)]);
  return { path: readSocket(flag, value.slice(0, at)), ...(Object.fromEntries(entries) as Settings) };
}

/** The path alone, or the URL that {@link readListenSocket} reads. */
export function formatListenSocket({ path, role, mode, group, label }: ListenSocket): string {
  const settings = [
    ...(role === undefined ? [] : [`role=${role}`]),
    ...(mode === undefined ? [] : [`mode=${formatMode(mode)}`]),
    ...(group === undefined ? [] : [`group=${encodeURIComponent(group)}`]),
    ...(label === undefined ? [] : [`label=${encodeURIComponent(formatLabelScope(label))}`]),
  ];
  return settings.length === 0 ? path : `unix://${path}?${settings.join('&')}`;
}

export function formatMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The sockets, each once. @param refuse called for the socket at an index whose path another one has with other settings */
export function withoutDoubles<S extends ListenSocket>(
  sockets: readonly S[],
  refuse: (index: number, problem: string) => never,
): readonly S[] {
  const byPath = new Map<string, S>();
  for (const [index, socket] of sockets.entries()) {
    const other = byPath.get(socket.path);
    if (other !== undefined && formatListenSocket(other) !== formatListenSocket(socket))
      refuse(index, `${socket.path} stands twice, with other settings; leave one out`);
    byPath.set(socket.path, other ?? socket);
  }
  return [...byPath.values()];
}

function decode(subject: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError(`${subject}: ${text} has a % that begins no encoded byte; write %25 for a percent sign`);
  }
}
