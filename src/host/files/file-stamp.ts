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

/** A younger file may be half-written, or be changed again within one tick of the file system's clock. */
const settleNs = 1_000_000_000n;

export function isSameInode(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a?.inode === b?.inode && a?.device === b?.device;
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return isSameInode(a, b) && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size;
}

/** Whether a file was written just now, as far as its time of writing tells, which anybody may set. */
export function isYoung({ mtimeNs }: FileStamp): boolean {
  return isRecent(mtimeNs);
}

/** Whether the next change of a file may leave its stamp as it is. Nobody can set the time of the last change. */
export function isSettling({ mtimeNs, ctimeNs }: FileStamp): boolean {
  return isRecent(mtimeNs) || isRecent(ctimeNs);
}

function isRecent(timeNs: bigint): boolean {
  const ageNs = BigInt(Date.now()) * 1_000_000n - timeNs;
  // The two clocks tick differently; a time far ahead is a wrong one, and must not keep a file young for ever.
  return ageNs > -settleNs && ageNs < settleNs;
}
