import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { NetworkError } from '../model/errors.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import { codeOf, storageError } from './native-error.js';

export interface NewFile {
  readonly fileName: string;
  readonly text: string;
}

/** What became of a file of a batch: its stamp once it is in place and durable, or why it is not there. */
export type PublishOutcome = FileStamp | NetworkError;

/** Waiting for the disk is the one thing that the event loop must not do; a call that ends in memory costs less than handing it over. */
const sync = promisify(fs.fsync);

/** No CNI reader takes this extension. */
export const temporaryName = /^\.podnetd-[0-9a-f]{16}\.tmp$/;

/**
 * Puts files into a folder so that each is there whole and durable, or not at all; one that appeared meanwhile is never overwritten.
 * The files share one fsync of the folder.
 *
 * @returns one outcome a file, in the order given
 */
export async function publishFiles(folder: string, files: readonly NewFile[]): Promise<readonly PublishOutcome[]> {
  const staged = await Promise.all(files.map(async (file) => await stage(folder, file)));
  const targets = files.map((file) => path.join(folder, file.fileName));
  const placed = staged.map((temporary, index) =>
    temporary instanceof NetworkError ? temporary : place(temporary, targets[index] ?? ''),
  );
  try {
    await syncFolder(folder);
    return placed;
  } catch (error) {
    const failure = storageError('fsync', folder, error);
    for (const [index, outcome] of placed.entries()) {
      if (!(outcome instanceof NetworkError)) undo(targets[index] ?? '', failure);
    }
    return placed.map((outcome) => (outcome instanceof NetworkError ? outcome : failure));
  }
}

async function stage(folder: string, file: NewFile): Promise<string | NetworkError> {
  const temporary = path.join(folder, `.podnetd-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const fd = fs.openSync(temporary, 'wx', 0o644);
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

function undo(target: string, failure: NetworkError): void {
  try {
    fs.unlinkSync(target);
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

async function syncFolder(folder: string): Promise<void> {
  const fd = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    await sync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
