import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { toNative, toText } from './file-name.js';
import { codeOf } from '../native-error.js';

/**
 * The text of a file without a byte order mark; undefined when no such file exists.
 *
 * @throws Error of node:fs, or TypeError when the bytes are not UTF-8
 */
export function readTextFile(file: string): string | undefined {
  const bytes = unlessAbsent(() => readFileSync(toNative(file)));
  return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

/**
 * Full paths of the files right inside a folder whose names end with `extension`, sorted; none when there is no such folder.
 *
 * @throws Error of node:fs
 */
export function listFiles(folder: string, extension: string): readonly string[] {
  const entries = unlessAbsent(() => readdirSync(folder, { withFileTypes: true, encoding: 'latin1' })) ?? [];
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
