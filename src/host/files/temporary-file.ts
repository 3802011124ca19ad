import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { stampOf, type FileStamp } from './file-stamp.js';
import { codeOf } from '../native-error.js';
import { processUuid } from '../own-process/process-uuid.js';

/** Files under temporary names, on their way into a folder or out of it. */

/** Only fsync runs in a thread, because it waits for the disk; a call that ends in memory costs less than its handover to a thread. */
const sync = promisify(fs.fsync);

/**
 * `tmp`: a file that comes. `old`: a file that goes. `gone`: a file that went for good, while work that follows from that is still to be done.
 * `left`: a `tmp` or `old` whose change is over, but which the disk did not delete.
 */
export type TemporaryKind = 'tmp' | 'old' | 'gone' | 'left';

/** Matches temporary names. CNI readers skip files with these extensions. */
export const temporaryName = /^\.podnetd-([0-9a-f]{16})\.(?:tmp|old|gone|left)$/;

/** Prefix of the temporary names of this process; random, so that no other process has it, alive or dead. */
const ownPrefix = `.podnetd-${processUuid.slice(0, 8)}`;
let ownCount = 0;

/** A path in the folder that no file has had before. */
export function makeTemporaryName(folder: string, kind: TemporaryKind = 'tmp'): string {
  ownCount = (ownCount + 1) % 2 ** 32;
  return path.join(folder, `${ownPrefix}${ownCount.toString(16).padStart(8, '0')}.${kind}`);
}

/** The name under which the file that goes is marked, while the file of this `tmp` name takes its place. */
export function wayOutFor(temporary: string): string {
  return temporary.replace(/\.tmp$/, '.old');
}

/** Whether this process made a temporary name. */
export function isOwnTemporary(fileName: string): boolean {
  return fileName.startsWith(ownPrefix);
}

/** Whether a temporary name marks a file that had a name in the folder before, so that it may be another program's. */
export function isSetAside(fileName: string): boolean {
  return fileName.endsWith('.old');
}

/** Whether a temporary name marks a file that went or was about to go. */
export function isWayOut(fileName: string): boolean {
  return isSetAside(fileName) || isGone(fileName);
}

/** Whether a temporary name marks a file that went for good. */
export function isGone(fileName: string): boolean {
  return fileName.endsWith('.gone');
}

/** Whether the change that a temporary name was made for is over. */
export function isOver(fileName: string): boolean {
  return isGone(fileName) || fileName.endsWith('.left');
}

/** A new file, whole and durable under a temporary name. */
export interface StagedFile {
  /** Its path. */
  readonly temporary: string;
  readonly stamp: FileStamp;
}

/** Facts of a new file besides its text. */
export interface NewFileFacts {
  /** Permission bits. */
  readonly mode: number;
  /** A file that it takes the place of: it gets the permission bits and owner of that one. */
  readonly like?: fs.Stats | undefined;
  /** Its time, to the microsecond; now by default. */
  readonly mtimeNs?: bigint | undefined;
}

/** Writes a new file under a temporary name and syncs it. @throws Error of node:fs; then the file is discarded */
export async function stageFile(folder: string, text: string, facts: NewFileFacts): Promise<StagedFile> {
  const temporary = makeTemporaryName(folder);
  try {
    const fd = fs.openSync(temporary, 'wx', facts.mode);
    try {
      fs.writeFileSync(fd, text);
      setFacts(fd, facts);
      await sync(fd);
      return { temporary, stamp: stampOf(fs.fstatSync(fd, { bigint: true })) };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

/** @throws Error of node:fs */
function setFacts(fd: number, { like, mtimeNs }: NewFileFacts): void {
  if (like !== undefined) {
    const { uid, gid } = fs.fstatSync(fd);
    // A user owns what the user writes, and root gives it to whom it belonged. The bits come last, because a change of owner clears some.
    if (uid !== like.uid || gid !== like.gid) fs.fchownSync(fd, like.uid, like.gid);
    fs.fchmodSync(fd, like.mode & 0o7777);
  }
  // Node passes whole microseconds on, cut and not rounded.
  if (mtimeNs !== undefined) {
    const seconds = (Number(mtimeNs / 1_000n) + 0.5) / 1_000_000;
    fs.futimesSync(fd, seconds, seconds);
  }
}

/**
 * Gives a file its name if no other file has it. Some file systems (vfat, some FUSE) refuse hard links: there the file is renamed, loses its
 * temporary name, and only the write lane keeps other writers out.
 *
 * @throws Error of node:fs, with the code EEXIST when a file has the name
 */
export function linkWithoutOverwriting(temporary: string, target: string): void {
  try {
    fs.linkSync(temporary, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) throw error;
    if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) {
      throw Object.assign(new Error('file exists', { cause: error }), { code: 'EEXIST' });
    }
    fs.renameSync(temporary, target);
  }
}

/** Paths of temporary files that the disk did not delete. */
const undiscarded = new Set<string>();

/**
 * Deletes a temporary file. A change stands even if the disk refuses that, because the next holder of the write lane clears the file.
 *
 * @returns whether the file is gone
 */
export function discard(temporary: string): boolean {
  try {
    fs.unlinkSync(temporary);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      undiscarded.delete(temporary);
      undiscarded.add(leave(temporary));
      return false;
    }
  }
  undiscarded.delete(temporary);
  return true;
}

/** Marks a temporary file's change as over, for other podnetds to see. @returns the path of the file now */
function leave(temporary: string): string {
  // A name of its own, because a `tmp` and an `old` may share their digits, and be one file.
  const left = makeTemporaryName(path.dirname(temporary), 'left');
  try {
    fs.renameSync(temporary, left);
    return left;
  } catch {
    return temporary;
  }
}

/** Names of temporary files in a folder that this process is done with, but which the disk did not delete. */
export function undiscardedIn(folder: string): readonly string[] {
  return [...undiscarded].filter((temporary) => path.dirname(temporary) === folder).map((name) => path.basename(name));
}

/**
 * Gives another program's file a name that stays until its owner takes it, because CNI readers skip that name and podnetd never clears it.
 *
 * @param beside the path that the file cannot have, where that is known
 * @returns the path of the file now; undefined where the disk refuses
 */
export function keep(temporary: string, beside = `${path.dirname(temporary)}/`): string | undefined {
  const [, digits = ''] = temporaryName.exec(path.basename(temporary)) ?? [];
  const kept = `${beside}.podnetd-kept-${digits}`;
  try {
    fs.renameSync(temporary, kept);
  } catch {
    undiscarded.add(temporary);
    return undefined;
  }
  undiscarded.delete(temporary);
  return kept;
}
