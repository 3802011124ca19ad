import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { stampOf, type FileStamp } from './file-stamp.js';
import { codeOf } from '../native-error.js';

/** Files under names that are not theirs for good: they are on their way into a folder, or out of it. */

/** Waiting for the disk is the one thing that the event loop must not do; a call that ends in memory costs less than handing it over. */
const sync = promisify(fs.fsync);

/**
 * A file that comes; one that goes; one that is gone for good, with what it stood for not yet gone too; or either of the first two when that is
 * over and the disk does not let go of it.
 */
export type TemporaryKind = 'tmp' | 'old' | 'gone' | 'left';

/** No CNI reader takes these extensions. */
export const temporaryName = /^\.podnetd-([0-9a-f]{16})\.(?:tmp|old|gone|left)$/;

/** Of this process: no other has it, alive or dead. */
const ownPrefix = `.podnetd-${randomBytes(4).toString('hex')}`;
let ownCount = 0;

export function makeTemporaryName(folder: string, kind: TemporaryKind = 'tmp'): string {
  ownCount = (ownCount + 1) % 2 ** 32;
  return path.join(folder, `${ownPrefix}${ownCount.toString(16).padStart(8, '0')}.${kind}`);
}

/** Whether this process made a temporary name. */
export function isOwnTemporary(fileName: string): boolean {
  return fileName.startsWith(ownPrefix);
}

/** Whether the file of a temporary name had a place in the folder, so that it may be another program's. */
export function isSetAside(fileName: string): boolean {
  return fileName.endsWith('.old');
}

/** Whether the file of a temporary name went, or was about to. */
export function isWayOut(fileName: string): boolean {
  return isSetAside(fileName) || isGone(fileName);
}

/** Whether the file of a temporary name went for good. */
export function isGone(fileName: string): boolean {
  return fileName.endsWith('.gone');
}

/** Whether the change of the folder that a temporary name was made for is over. */
export function isOver(fileName: string): boolean {
  return isGone(fileName) || fileName.endsWith('.left');
}

/** A file that is whole and durable. */
export interface StagedFile {
  readonly temporary: string;
  readonly stamp: FileStamp;
}

/** @throws Error of node:fs, and nothing is left */
export async function stageFile(folder: string, text: string, mode: number): Promise<StagedFile> {
  const temporary = makeTemporaryName(folder);
  try {
    const fd = fs.openSync(temporary, 'wx', mode);
    try {
      fs.writeFileSync(fd, text);
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

/**
 * Hard links are refused by some file systems (vfat, some FUSE); there the write lane alone keeps others out, and the temporary name is
 * gone afterwards.
 *
 * @throws Error of node:fs, with the code EEXIST when there is a file of the name
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

/** Temporary names that the disk did not let go. */
const undiscarded = new Set<string>();

/**
 * A temporary name that the disk does not let go is no reason to call back what was done: the next holder of the write lane clears it.
 *
 * @returns whether it is gone
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

/** Lets other podnetds know that the change is over. @returns the name that it has now */
function leave(temporary: string): string {
  const left = temporary.replace(/\.(?:tmp|old)$/, '.left');
  try {
    fs.renameSync(temporary, left);
    return left;
  } catch {
    return temporary;
  }
}

/** Temporary names in a folder that this process is done with and that are still there. */
export function undiscardedIn(folder: string): readonly string[] {
  return [...undiscarded].filter((temporary) => path.dirname(temporary) === folder).map((name) => path.basename(name));
}

/**
 * Gives a file that belongs to another program a name that stays until its owner comes for it: no CNI reader takes it, and podnetd clears
 * none.
 *
 * @param beside the name that it cannot have, where that is known
 * @returns its name now; undefined where the disk refuses
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
