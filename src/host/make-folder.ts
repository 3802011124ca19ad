import * as fs from 'node:fs';
import path from 'node:path';
import { storageError } from './native-error.js';
import { syncFolderNow } from './sync-folder.js';

/**
 * Makes a folder and its missing parents so that they outlive a power cut, as what is published in them must.
 * It happens once in the life of a host, so it may wait for the disk.
 *
 * @throws NetworkError storage
 */
export function makeFolder(folder: string, mode = 0o755): void {
  try {
    const resolved = path.resolve(folder);
    const first = fs.mkdirSync(resolved, { recursive: true, mode });
    if (first === undefined) return;
    try {
      for (let made = resolved; made.length >= first.length; made = path.dirname(made))
        syncFolderNow(path.dirname(made));
    } catch (error) {
      takeBack(resolved, first);
      throw error;
    }
  } catch (error) {
    throw storageError('mkdir', folder, error);
  }
}

/** So that whoever comes next makes and syncs it again, rather than find it there and rely on it. */
function takeBack(last: string, first: string): void {
  try {
    for (let made = last; made.length >= first.length; made = path.dirname(made)) fs.rmdirSync(made);
  } catch {
    // Somebody has put something in it, and the error that led here is the one to tell.
  }
}
