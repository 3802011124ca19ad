import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './native-error.js';

/** Undefined when there is no such file; any other failure is thrown as Node tells it. */
export function readTextFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Absolute paths of the `*.conf` files of a folder in the order of their names; none when it is missing. */
export function listConfFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.conf'))
      .map((entry) => path.join(folder, entry.name))
      .toSorted();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
