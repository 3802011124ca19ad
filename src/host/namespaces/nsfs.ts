import { statfsSync, statSync } from 'node:fs';

/** source: linux include/uapi/linux/magic.h (NSFS_MAGIC) */
const nsfsMagic = 0x6e736673;

/** Device and inode of a namespace: the same by every path of it, and unique while it exists. */
export type NamespaceId = `${number}:${number}`;

let nsfsDevice: number | undefined;

/** Whether a path is that of a namespace: a bind mount, or a link in `/proc/<pid>/ns`. @throws Error of node:fs */
export function isNamespace(target: string): boolean {
  return statfsSync(target).type === nsfsMagic;
}

/** The id of the namespace at a path; undefined when something else is there. @throws Error of node:fs */
export function identifyNamespace(target: string): NamespaceId | undefined {
  const { dev, ino } = statSync(target);
  // All namespaces of a kernel are files of one file system.
  nsfsDevice ??= statSync('/proc/self/ns/net').dev;
  return dev === nsfsDevice ? `${dev}:${ino}` : undefined;
}
