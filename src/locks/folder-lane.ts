import path from 'node:path';
import { KernelLock } from '../host/file-locks/kernel-lock.js';
import type { Files } from '../host/files/files.js';
import { LockFile } from './lock-file.js';
import { WriteLane } from './write-lane.js';

/** Podman ≥ 4.4 as root locks this file whatever its folder; source: containers/common libnetwork/cni/network.go@v0.57.0. */
export const rootLockPath = '/run/lock/podman-cni.lock';

/**
 * The locks that every Podman takes before it changes a folder of networks.
 *
 * @param onLost is called when another process took the lock folder away
 */
export function buildFolderLane(
  folder: string,
  files: Files,
  { rootless, onLost }: { readonly rootless: boolean; readonly onLost: (error: Error) => void },
): WriteLane {
  const lockPath = path.join(folder, 'cni.lock');
  const paths = rootless ? [lockPath] : [lockPath, rootLockPath];
  return new WriteLane(
    paths.map((lock) => new KernelLock(lock)),
    new LockFile(lockPath, files, onLost),
  );
}
