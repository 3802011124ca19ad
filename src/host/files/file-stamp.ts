import type { BigIntStats } from 'node:fs';

/** Device, inode, times and size of a file: they distinguish two states of it without a read. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly size: bigint;
  /** The name is a symbolic link or one of several hard links, so the file can change without an event in this folder. */
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

/** A file that is younger may be half-written, or may change again within one tick of the file system's clock. */
const settleNs = 1_000_000_000n;

export function isSameInode(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a?.inode === b?.inode && a?.device === b?.device;
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return isSameInode(a, b) && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size;
}

/** As {@link isSameStamp}, where a stamp is undefined when there is no file. */
export function isSameState(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameStamp(a, b);
}

/** Whether a file was written within the last second, by its mtime, which its writer can set to any value. */
export function isYoung({ mtimeNs }: FileStamp): boolean {
  return isRecent(mtimeNs);
}

/** Whether the next change of a file may leave its stamp as it is, by its ctime too, which no program can set. */
export function isSettling({ mtimeNs, ctimeNs }: FileStamp): boolean {
  return isRecent(mtimeNs) || isRecent(ctimeNs);
}

function isRecent(timeNs: bigint): boolean {
  const ageNs = BigInt(Date.now()) * 1_000_000n - timeNs;
  // The clock of the file system may be a little ahead of ours; a time far ahead is wrong and must not keep a file young for ever.
  return ageNs > -settleNs && ageNs < settleNs;
}
