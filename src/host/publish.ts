import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { NetworkError } from '../model/errors.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import { codeOf, storageError } from './native-error.js';
import { syncFolder } from './sync-folder.js';

export interface NewFile {
  readonly fileName: string;
  readonly text: string;
  /** 0644 unless said otherwise. */
  readonly mode?: number;
}

/** Names to take out of a folder, then files to put in; a name may be in both. */
export interface FolderChange {
  readonly removed: readonly string[];
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

function makeTemporaryName(folder: string): string {
  return path.join(folder, `.podnetd-${randomBytes(8).toString('hex')}.tmp`);
}

/**
 * Changes a folder so that each file is there whole and durable, or not at all, and each removed name is gone for good, or as it was;
 * a file that appeared meanwhile is never overwritten. All share one fsync of the folder.
 */
export async function changeFolder(folder: string, { removed, added }: FolderChange): Promise<FolderOutcome> {
  const staged = await Promise.all(added.map(async (file) => await stage(folder, file)));
  const asides = removed.map((fileName) => setAside(folder, path.join(folder, fileName)));
  const targets = added.map((file) => path.join(folder, file.fileName));
  const placed = staged.map((temporary, index) =>
    temporary instanceof NetworkError ? temporary : place(temporary, targets[index] ?? ''),
  );
  try {
    await syncFolder(folder);
  } catch (error) {
    const failure = storageError('fsync', folder, error);
    for (const [index, outcome] of placed.entries()) {
      if (!(outcome instanceof NetworkError)) undo(failure, () => fs.unlinkSync(targets[index] ?? ''));
    }
    for (const aside of asides) if (!(aside instanceof NetworkError)) undo(failure, () => putBack(aside));
    return {
      removed: asides.map((aside) => (aside instanceof NetworkError ? aside : failure)),
      added: placed.map((outcome) => (outcome instanceof NetworkError ? outcome : failure)),
    };
  }
  for (const aside of asides)
    if (!(aside instanceof NetworkError) && aside.temporary !== undefined) discard(aside.temporary);
  return { removed: asides.map((aside) => (aside instanceof NetworkError ? aside : undefined)), added: placed };
}

async function stage(folder: string, file: NewFile): Promise<string | NetworkError> {
  const temporary = makeTemporaryName(folder);
  try {
    const fd = fs.openSync(temporary, 'wx', file.mode ?? 0o644);
    try {
      fs.writeFileSync(fd, file.text);
      await sync(fd);
    } finally {
      fs.closeSync(fd);
    }
    return temporary;
  } catch (error) {
    discard(temporary);
    return storageError('write', path.join(folder, file.fileName), error);
  }
}

function place(temporary: string, target: string): PublishOutcome {
  try {
    linkWithoutOverwriting(temporary, target);
    return stampOf(fs.statSync(target, { bigint: true }));
  } catch (error) {
    discard(temporary);
    if (codeOf(error) === 'EEXIST') return new NetworkError('fileExists', { path: target }, { cause: error });
    return storageError('link', target, error);
  }
}

/** A file out of the way, under a name that can be given back. */
interface Aside {
  readonly target: string;
  /** Undefined when there was nothing to set aside. */
  readonly temporary: string | undefined;
}

/** Until the folder is synced a removal may have to be taken back, so the file is renamed first; a crash leaves it to the next start. */
function setAside(folder: string, target: string): Aside | NetworkError {
  const temporary = makeTemporaryName(folder);
  try {
    fs.renameSync(target, temporary);
    return { target, temporary };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { target, temporary: undefined };
    return storageError('unlink', target, error);
  }
}

function putBack({ target, temporary }: Aside): void {
  if (temporary !== undefined) linkWithoutOverwriting(temporary, target);
}

function undo(failure: NetworkError, act: () => void): void {
  try {
    act();
  } catch (error) {
    failure.cause = new AggregateError([failure.cause, error]);
  }
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
  fs.unlinkSync(temporary);
}

/** What cannot be removed now is cleared at the next start. */
function discard(temporary: string): void {
  try {
    fs.rmSync(temporary, { force: true });
  } catch {
    // The error that led here is the one to tell.
  }
}
