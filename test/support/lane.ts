import path from 'node:path';
import { Files } from '../../src/host/files/files.js';
import { KernelLock } from '../../src/host/file-locks/kernel-lock.js';
import { LockFile } from '../../src/locks/lock-file.js';
import { WriteLane } from '../../src/locks/write-lane.js';

/** The write lane of a user's daemon on a folder. */
export function makeLane(folder: string, files = new Files()): WriteLane {
  const lockPath = path.join(folder, 'cni.lock');
  const lockFile = new LockFile(lockPath, files, (error) => {
    throw error;
  });
  return new WriteLane([new KernelLock(lockPath)], lockFile);
}
