import type { BigIntStats } from 'node:fs';

/** Tells one state of a file from another without reading it. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly size: bigint;
  /** A symbolic link, or one of several names: it can change without an event in this folder. */
  readonly indirect: boolean;
}

export function stampOf(found: BigIntStats): FileStamp {
  return {
    device: found.dev,
    inode: found.ino,
    mtimeNs: found.mtimeNs,
    ctimeNs: found.ctimeNs,
    size: found.size,
    indirect: found.nlink > 1n,
  };
}
