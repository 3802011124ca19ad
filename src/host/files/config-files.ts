import * as fs from 'node:fs';
import path from 'node:path';
import { toNative, toText } from './file-name.js';
import { codeOf } from '../native-error.js';

/**
 * The text of a regular file without a byte order mark, empty for `/dev/null`; undefined when no such file exists. It waits for no FIFO or
 * device, because a daemon that reads its settings again would serve no request meanwhile.
 *
 * @throws Error of node:fs, of another kind of file, or TypeError when the bytes are not UTF-8
 */
export function readTextFile(file: string): string | undefined {
  const bytes = unlessAbsent(() => {
    const fd = fs.openSync(toNative(file), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
    try {
      const found = fs.fstatSync(fd);
      if (!found.isFile() && !found.isDirectory() && !isNullDevice(found))
        throw new Error('not a regular file; podnetd reads settings again on SIGHUP, so they must stay in a file');
      return fs.readFileSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
  return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/** `CONTAINERS_CONF=/dev/null` is the custom for no settings. */
function isNullDevice(found: fs.Stats): boolean {
  return found.isCharacterDevice() && found.rdev === fs.statSync('/dev/null').rdev;
}

/**
 * Full paths of the files right inside a folder whose names end with `extension`, sorted; none when there is no such folder.
 *
 * @throws Error of node:fs
 */
export function listFiles(folder: string, extension: string): readonly string[] {
  const entries = unlessAbsent(() => fs.readdirSync(folder, { withFileTypes: true, encoding: 'latin1' })) ?? [];
  return entries
    .filter((entry) => entry.name.endsWith(extension) && !entry.isDirectory())
    .map((entry) => path.join(folder, toText(entry.name)))
    .toSorted();
}

function unlessAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}
