import { statfsSync } from 'node:fs';

/** source: linux include/uapi/linux/magic.h (NSFS_MAGIC) */
const nsfsMagic = 0x6e736673;

/** Whether a path is that of a namespace: a bind mount, or a link in `/proc/<pid>/ns`. @throws Error of node:fs */
export function isNamespace(target: string): boolean {
  return statfsSync(target).type === nsfsMagic;
}
