import type { Static } from '@sinclair/typebox';
import { ConfigError } from './config-error.js';
import { parseLabelScope } from '../model/label-scope.js';
import { withoutDoubles, type ListenSocket } from './listen-socket.js';
import type { PodnetdToml } from './podnetd-toml-schema.js';
import { formatTomlValue, type FilePlace, type TomlDocument } from './toml-document.js';
import { readSocket } from './values.js';

export interface PlacedSocket extends ListenSocket {
  readonly place: () => FilePlace;
}

type Document = Pick<TomlDocument<never>, 'place' | 'refuse'>;

/** The sockets of one podnetd.toml; undefined where the file has none. @throws ConfigError */
export function readSockets(
  { sockets }: Static<typeof PodnetdToml>,
  { place, refuse }: Document,
): readonly PlacedSocket[] | undefined {
  const read = sockets?.map(({ path, mode, label: text, ...others }, index) => {
    const label = text === undefined ? undefined : parseLabelScope(text);
    return {
      path: checkPath(path, (problem) => refuse(['sockets', index, 'path'], problem)),
      ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }),
      ...others,
      ...(label && { label }),
      place: () => place(['sockets', index]),
    };
  });
  return read && withoutDoubles(read, (index, problem) => refuse(['sockets', index, 'path'], problem));
}

function checkPath(text: string, refuse: (problem: string) => never): string {
  if (!text.startsWith('/')) return refuse(`${formatTomlValue(text)} is not an absolute path`);
  try {
    return readSocket('path', text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refuse(error.message);
  }
}
