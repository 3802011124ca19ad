import { statfsSync, statSync } from 'node:fs';

/** source: linux include/uapi/linux/magic.h (NSFS_MAGIC) */
const nsfsMagic = 0x6e736673;

/** What every path of one namespace has in common, and no other namespace has as long as this one is there: device and inode. */
export type NamespaceId = `${number}:${number}`;

let nsfsDevice: number | undefined;

/** Whether a path is that of a namespace: a bind mount, or a link in `/proc/<pid>/ns`. @throws Error of node:fs */
export function isNamespace(target: string): boolean {
  return statfsSync(target).type === nsfsMagic;
}

/** @returns undefined for what is no namespace @throws Error of node:fs */
export function identifyNamespace(target: string): NamespaceId | undefined {
  const { dev, ino } = statSync(target);
  // All namespaces of a kernel are files of one file system.
  nsfsDevice ??= statSync('/proc/self/ns/net').dev;
  return dev === nsfsDevice ? `${dev}:${ino}` : undefined;
}
