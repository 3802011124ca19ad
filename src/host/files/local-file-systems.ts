import { statfsSync } from 'node:fs';

/** ext2/3/4, xfs, btrfs, tmpfs, ramfs, overlayfs, f2fs, zfs, bcachefs; source: linux include/uapi/linux/magic.h, statfs(2). */
const localFileSystems = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
]);

/** Whether only this machine can write to the file system of a folder, so that the kernel knows every lock on it. */
export function isLocalFolder(folder: string): boolean {
  try {
    return localFileSystems.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}
