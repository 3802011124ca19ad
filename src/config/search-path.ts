import { listFiles, readTextFile } from '../host/files/config-files.js';
import { codeOf, reasonOf } from '../host/native-error.js';
import { ConfigError } from './config-error.js';

/** @returns the text; undefined when there is no such file @throws ConfigError */
export function readSettingsFile(file: string): string | undefined {
  return translate(file, 'file', () => readTextFile(file));
}

/** The drop-ins of a file, in the folder `<file>.d`, sorted. @throws ConfigError */
export function listDropIns(file: string, extension: string): readonly string[] {
  const folder = `${file}.d`;
  return translate(folder, 'folder', () => listFiles(folder, extension));
}

function translate<T>(place: string, kind: 'file' | 'folder', read: () => T): T {
  try {
    return read();
  } catch (error) {
    // An error without a code is podnetd's own, and has its remedy.
    const remedy = codeOf(error) === undefined ? '' : `; put a ${kind} there that podnetd may read, or remove it`;
    throw ConfigError.at({ file: place, line: undefined }, `${reasonOf(error)}${remedy}`, { cause: error });
  }
}
