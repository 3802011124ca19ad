import * as fs from 'node:fs';
import { storageError } from '../native-error.js';
import { fileLocks } from '../own-process/addons.js';
import { openLockFile } from './lock-entry.js';

/**
 * Locks a file until the end of this process or the call of `release`, so that one process alone works on what it stands for. The file stays.
 *
 * @returns undefined when another process has the lock
 * @throws NetworkError storage
 */
export function tryHold(file: string): { release(): void } | undefined {
  let fd: number | undefined;
  try {
    fd = openLockFile(file);
    if (fileLocks().tryLock(fd)) {
      // A number that is closed twice may be another file's by then.
      const release = () => {
        if (fd !== undefined) fs.closeSync(fd);
        fd = undefined;
      };
      return { release };
    }
  } catch (error) {
    if (fd !== undefined) fs.closeSync(fd);
    throw storageError('lock', file, error);
  }
  fs.closeSync(fd);
  return undefined;
}
