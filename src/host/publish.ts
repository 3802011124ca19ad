import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { NetworkError } from '../model/errors.js';
import { inTurns } from './event-loop.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import { codeOf, reasonOf, storageError } from './native-error.js';
import { syncFolder } from './sync-folder.js';

export interface NewFile {
  readonly fileName: string;
  readonly text: string;
  /** 0644 unless said otherwise. */
  readonly mode?: number;
}

export interface Removal {
  readonly fileName: string;
  /** What is to be removed; another file of the name, or another state of it, stays. Any, unless given. */
  readonly stamp?: FileStamp | undefined;
}

/** Names to take out of a folder, then files to put in; a name may be in both. */
export interface FolderChange {
  readonly removed: readonly Removal[];
  readonly added: readonly NewFile[];
}

/** What became of a new file: its stamp once it is in place and durable, or why it is not there. */
export type PublishOutcome = FileStamp | NetworkError;

/** One outcome for each name and file, in the order given. */
export interface FolderOutcome {
  /** Undefined once the name is gone for good. */
  readonly removed: readonly (NetworkError | undefined)[];
  readonly added: readonly PublishOutcome[];
}

/** Waiting for the disk is the one thing that the event loop must not do; a call that ends in memory costs less than handing it over. */
const sync = promisify(fs.fsync);

/** No CNI reader takes this extension. */
export const temporaryName = /^\.podnetd-[0-9a-f]{16}\.tmp$/;

export function makeTemporaryName(folder: string): string {
  return path.join(folder, `.podnetd-${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Changes a folder so that each file is there whole and durable, or not at all, and each removed name is gone for good, or as it was;
 * a file that appeared meanwhile is never overwritten. All share one fsync of the folder.
 */
export async function changeFolder(folder: string, { removed, added }: FolderChange): Promise<FolderOutcome> {
  for (const temporary of undiscarded) if (path.dirname(temporary) === folder) discard(temporary);
  const staged = await Promise.all(await inTurns(added, async (file) => await stage(folder, file)));
  const asides = await inTurns(removed, (removal) => setAside(folder, removal));
  const targets = added.map((file) => path.join(folder, file.fileName));
  const placed = await inTurns(staged, (file, index) =>
    file instanceof NetworkError ? file : place(file, targets[index] ?? ''),
  );
  try {
    await syncFolder(folder);
  } catch (error) {
    // What is on the disk now nobody can tell: the kernel tells a failed write once, and a second fsync may pass over it.
    const failure = storageError('fsync', folder, error);
    return {
      added: placed.map((outcome, index) =>
        outcome instanceof NetworkError ? outcome : withdraw(targets[index] ?? '', failure),
      ),
      removed: asides.map((aside) => (aside instanceof NetworkError ? aside : putBack(aside, failure))),
    };
  }
  await inTurns(asides, (aside) => {
    if (!(aside instanceof NetworkError) && aside.temporary !== undefined) discard(aside.temporary);
  });
  return { removed: asides.map((aside) => (aside instanceof NetworkError ? aside : undefined)), added: placed };
}

/** A file that is whole and durable, under a name that is not yet its own. */
interface Staged {
  readonly temporary: string;
  readonly stamp: FileStamp;
}

async function stage(folder: string, file: NewFile): Promise<Staged | NetworkError> {
  const temporary = makeTemporaryName(folder);
  try {
    const fd = fs.openSync(temporary, 'wx', file.mode ?? 0o644);
    try {
      fs.writeFileSync(fd, file.text);
      await sync(fd);
      return { temporary, stamp: stampOf(fs.fstatSync(fd, { bigint: true })) };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    discard(temporary);
    return storageError('write', path.join(folder, file.fileName), error);
  }
}

function place({ temporary, stamp }: Staged, target: string): PublishOutcome {
  try {
    linkWithoutOverwriting(temporary, target);
  } catch (error) {
    discard(temporary);
    if (codeOf(error) === 'EEXIST') return new NetworkError('fileExists', { path: target }, { cause: error });
    return storageError('link', target, error);
  }
  try {
    // Somebody without a lock may have put another file there, or changed this one: then it must not have the stamp of what was written.
    const { ctimeNs, indirect } = stampOf(fs.statSync(target, { bigint: true }));
    return { ...stamp, ctimeNs, indirect };
  } catch (error) {
    return withdraw(target, storageError('stat', target, error));
  }
}

/** Takes a file away again that could not be published. @returns the failure, which says so if it stays */
function withdraw(target: string, failure: NetworkError<'storageFailed'>): NetworkError {
  try {
    fs.unlinkSync(target);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') return extend(failure, `${target} stays, it could not be removed`, error);
  }
  return failure;
}

/** A file out of the way, under a name that can be given back. */
interface Aside {
  readonly target: string;
  /** Undefined when there was nothing to set aside. */
  readonly temporary: string | undefined;
}

/** Until the folder is synced a removal may have to be taken back, so the file is renamed first; a crash leaves it to the next start. */
function setAside(folder: string, { fileName, stamp }: Removal): Aside | NetworkError {
  const target = path.join(folder, fileName);
  const temporary = makeTemporaryName(folder);
  try {
    fs.renameSync(target, temporary);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { target, temporary: undefined };
    return storageError('unlink', target, error);
  }
  const aside = { target, temporary };
  if (stamp === undefined || hasContentOf(stamp, temporary)) return aside;
  const overtaken = new NetworkError('fileOvertaken', { path: target });
  const failure = storageError('unlink', target, overtaken);
  const outcome = putBack(aside, failure);
  return outcome === failure ? overtaken : outcome;
}

/** A rename changes `ctime`, and the inode where a lower layer is copied up. What cannot be told is taken for another. */
function hasContentOf(stamp: FileStamp, target: string): boolean {
  try {
    const { mtimeNs, size } = stampOf(fs.statSync(target, { bigint: true }));
    return mtimeNs === stamp.mtimeNs && size === stamp.size;
  } catch {
    return false;
  }
}

/** @returns the failure, which says where the file is if it could not be put back */
function putBack({ target, temporary }: Aside, failure: NetworkError<'storageFailed'>): NetworkError {
  if (temporary === undefined) return failure;
  try {
    linkWithoutOverwriting(temporary, target);
  } catch (error) {
    return extend(failure, `${target} is now ${temporary}, it could not be put back`, error);
  }
  return failure;
}

function extend(failure: NetworkError<'storageFailed'>, what: string, error: unknown): NetworkError {
  const reason = `${failure.details.reason}; ${what}: ${reasonOf(error)}`;
  const cause = new AggregateError([failure.cause, error]);
  return new NetworkError('storageFailed', { ...failure.details, reason }, { cause });
}

/** Hard links are refused by some file systems (vfat, some FUSE); there the write lane alone keeps others out. */
function linkWithoutOverwriting(temporary: string, target: string): void {
  try {
    fs.linkSync(temporary, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) throw error;
    if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) {
      throw Object.assign(new Error('file exists', { cause: error }), { code: 'EEXIST' });
    }
    fs.renameSync(temporary, target);
    return;
  }
  discard(temporary);
}

/** Temporary names that a disk would not let go; the next change of their folder tries again, and the next start. */
const undiscarded = new Set<string>();

/** A temporary name that stays is no reason to call back what was done, and no news beside the error that led here. */
function discard(temporary: string): void {
  try {
    fs.unlinkSync(temporary);
    undiscarded.delete(temporary);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') undiscarded.delete(temporary);
    else undiscarded.add(temporary);
  }
}
