import { listFiles, readTextFile } from '../host/files/config-files.js';
import { reasonOf } from '../host/native-error.js';
import { ConfigError } from './config-error.js';

/** @returns the text; undefined when there is no such file @throws ConfigError */
export function readSettingsFile(file: string): string | undefined {
  return translate(file, () => readTextFile(file));
}

/** The drop-ins of a file, in the folder `<file>.d`, sorted. @throws ConfigError */
export function listDropIns(file: string, extension: string): readonly string[] {
  const folder = `${file}.d`;
  return translate(folder, () => listFiles(folder, extension));
}

function translate<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw ConfigError.at({ file: place, line: undefined }, reasonOf(error), { cause: error });
  }
}
