import { readFileSync } from 'node:fs';
import { saysAbsent, storageError } from '../native-error.js';

/** The bytes of a file, however many; undefined where there is none. @throws NetworkError storage */
export function readWholeFile(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw storageError('read', file, error);
  }
}
