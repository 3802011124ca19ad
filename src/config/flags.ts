import { ConfigError } from './config-error.js';
import { readListenSocket, withoutDoubles, type ListenSocket } from './listen-socket.js';
import { logFormats, logLevels, type LogFormat } from './log-settings.js';
import type { GivenOptions, OptionDeclaration } from './option.js';
import {
  readChoice,
  readPath,
  readLockTimeout,
  readMode,
  readName,
  readTcpAddress,
  readWholeSeconds,
} from './values.js';
import type { TcpAddress } from './tcp-address.js';

/** What the flags of a daemon say; a field is undefined where no flag was given and the default depends on files or the user. */
export interface Flags {
  readonly listen: readonly ListenSocket[];
  readonly cniConfigDir: string | undefined;
  readonly cniPluginDirs: readonly string[];
  readonly cniCacheDir: string | undefined;
  readonly idleTimeoutMs: number;
  readonly socketMode: number;
  readonly socketGroup: string | undefined;
  readonly lockTimeoutMs: number;
  readonly logLevel: string;
  readonly logFormat: LogFormat;
  readonly metricsListen: TcpAddress | undefined;
  /** Absolute path; undefined: podnetd.toml and its drop-ins. */
  readonly config: string | undefined;
}

const folder = { name: 'DIR', candidates: 'folder' } as const;
const seconds = { name: 'SECONDS', candidates: 'none' } as const;

/** The flags of a daemon. */
export const flagDeclarations = {
  listen: {
    value: { name: 'unix:///PATH', candidates: 'file' },
    isRepeatable: true,
    description:
      'socket to listen on; ?role=read&mode=0666&group=NAME behind the path give it a role (read, operate or admin), a mode and a group, and label=KEY=VALUE the ' +
      'networks that its clients see and change; sockets of a service manager take its place',
    default: '/run/podnetd/podnetd.sock, or $XDG_RUNTIME_DIR/podnetd/podnetd.sock for a user',
    since: '0.1.0',
  },
  'cni-config-dir': {
    value: folder,
    description: 'folder of the conflists',
    default: '/etc/cni/net.d, or $XDG_CONFIG_HOME/cni/net.d for a user',
    since: '0.1.0',
  },
  'cni-plugin-dir': {
    value: folder,
    isRepeatable: true,
    description: 'folder of plugin binaries',
    default: 'the folders of containers.conf, or those of Podman',
    since: '0.1.0',
  },
  'cni-cache-dir': {
    value: folder,
    description: "folder of libcni's results; leases are where host-local keeps them",
    default: '/var/lib/cni, or $XDG_RUNTIME_DIR/rootless-cni/var/lib/cni for a user',
    since: '0.1.0',
  },
  'idle-timeout': {
    value: seconds,
    description: 'exit after this long without a request; 0 for never',
    default: '0',
    since: '0.1.0',
  },
  'socket-mode': {
    value: { name: 'OCTAL', candidates: 'none' },
    description: 'mode of the sockets',
    default: '0660',
    since: '0.1.0',
  },
  'socket-group': {
    value: { name: 'NAME', candidates: 'group' },
    description: 'group of the sockets, by name or number',
    default: 'the group of the process',
    since: '0.1.0',
  },
  'lock-timeout': {
    value: seconds,
    description: 'how long a change waits for other programs that hold the lock',
    default: '30',
    since: '0.1.0',
  },
  'log-level': {
    value: { name: 'LEVEL', candidates: logLevels },
    description: 'least severe level that podnetd logs',
    default: 'info',
    since: '0.1.0',
  },
  'log-format': {
    value: { name: 'FORMAT', candidates: logFormats },
    description:
      'form of the log: json for programs, pretty for people; auto is pretty on a terminal and json elsewhere',
    default: 'auto',
    since: '0.2.0',
  },
  'metrics-listen': {
    value: { name: 'ADDRESS:PORT', candidates: 'none' },
    description:
      'address of TCP that serves metrics alone, as 127.0.0.1:9653 or [::1]:9653; port 0 leaves it to the kernel',
    default: 'listen of [metrics] in podnetd.toml, else none',
    since: '0.2.0',
  },
  config: {
    value: { name: 'FILE', candidates: 'file' },
    description: 'settings of podnetd, in the place of podnetd.toml and its drop-ins',
    default: '/etc/podnetd/podnetd.toml, and $XDG_CONFIG_HOME/podnetd/podnetd.toml for a user',
    since: '0.2.0',
  },
} as const satisfies Readonly<Record<string, OptionDeclaration>>;

export type FlagName = keyof typeof flagDeclarations;

/** @param given may hold flags of a command besides those of the daemon @throws ConfigError */
export function readFlags(given: GivenOptions): Flags {
  const all = (name: FlagName) => given.get(name) ?? [];
  const last = (name: FlagName) => all(name).at(-1);
  return {
    listen: withoutDoubles(
      all('listen').map((value) => readListenSocket('--listen', value)),
      (index, problem) => {
        throw new ConfigError(`--listen ${all('listen')[index]}: ${problem}`);
      },
    ),
    cniConfigDir: ifGiven(last('cni-config-dir'), (dir) => readPath('--cni-config-dir', dir)),
    cniPluginDirs: all('cni-plugin-dir').map((dir) => readPath('--cni-plugin-dir', dir)),
    cniCacheDir: ifGiven(last('cni-cache-dir'), (dir) => readPath('--cni-cache-dir', dir)),
    idleTimeoutMs: readWholeSeconds('--idle-timeout', last('idle-timeout') ?? flagDeclarations['idle-timeout'].default),
    socketMode: readMode('--socket-mode', last('socket-mode') ?? flagDeclarations['socket-mode'].default),
    socketGroup: ifGiven(last('socket-group'), (group) => readName('--socket-group', group)),
    lockTimeoutMs: readLockTimeout('--lock-timeout', last('lock-timeout') ?? flagDeclarations['lock-timeout'].default),
    logLevel: readChoice('--log-level', last('log-level') ?? flagDeclarations['log-level'].default, logLevels),
    logFormat: readChoice('--log-format', last('log-format') ?? flagDeclarations['log-format'].default, logFormats),
    metricsListen: ifGiven(last('metrics-listen'), (address) => readTcpAddress('--metrics-listen', address)),
    config: ifGiven(last('config'), (file) => readPath('--config', file)),
  };
}

function ifGiven<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}
