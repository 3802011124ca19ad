import * as fs from 'node:fs';
import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { codeOf, extendReason, reasonOf, storageError } from '../native-error.js';
import { exchangeNames } from './exchange-names.js';
import { isSameInode, stampOf, type FileStamp } from './file-stamp.js';
import { discard, keep, linkWithoutOverwriting, makeTemporaryName, type TemporaryKind } from './temporary-file.js';

/** Files that leave their name and may get it back, without the loss of a file that another program put there meanwhile. */

/**
 * Renames a file to a temporary name, and reads it only there: no other program knows that name, so the file cannot change in between.
 *
 * @param text the file is expected to have
 * @returns the temporary path; undefined when no file was there
 * @throws NetworkError busy (fileOvertaken) when the file has another text, and storage
 */
export function setAside(target: string, text: string, kind: TemporaryKind = 'old'): string | undefined {
  const temporary = makeTemporaryName(path.dirname(target), kind);
  try {
    fs.renameSync(target, temporary);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw storageError('unlink', target, error);
  }
  if (hasText(temporary, text)) return temporary;
  const overtaken = new NetworkError('fileOvertaken', { path: target });
  const left = putBack(temporary, target);
  throw left === undefined ? overtaken : extendReason(storageError('unlink', target, overtaken), left);
}

/** Gives a file its name back. @returns undefined when it has the name; else where the file is now, and why */
export function putBack(temporary: string, target: string): string | undefined {
  try {
    linkWithoutOverwriting(temporary, target);
  } catch (error) {
    return keepAside(temporary, target, error);
  }
  discard(temporary);
  return undefined;
}

/** Ends the removal of a file that was set aside: it gets the name `trace` if there is one and the disk allows it, else it is deleted. */
export function endRemoval(aside: string, trace: string | undefined): void {
  if (trace === undefined || !succeeds(() => fs.renameSync(aside, trace))) discard(aside);
}

/** Takes a new file away that could not be published. @returns undefined when it is gone; else why it stays */
export function withdraw(target: string, text: string, written: FileStamp): string | undefined {
  try {
    // The kind of a file that comes: readers that have not seen it must not report it as one that was there.
    const aside = setAside(target, text, 'tmp');
    if (aside !== undefined) discard(aside);
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'fileOvertaken') return undefined;
    // A disk that refuses a rename may still allow a deletion, at the risk of a file that comes in this very moment.
    if (isFile(target, written) && succeeds(() => fs.unlinkSync(target))) return undefined;
    return `${target} stays, it could not be removed: ${causeOf(error)}`;
  }
  return undefined;
}

/**
 * Undoes an exchange of names, but leaves a file that another program put at `target` meanwhile.
 *
 * @param text of the file that the exchange put at `target`
 * @returns undefined when it is undone; else where the former file is now, and why
 */
export function exchangeBack(temporary: string, target: string, text: string): string | undefined {
  try {
    exchangeNames(temporary, target);
    if (!hasText(temporary, text)) exchangeNames(temporary, target);
  } catch (error) {
    // Another program removed the new file, as it would have removed the former one.
    if (codeOf(error) !== 'ENOENT') return keepAside(temporary, target, error);
  }
  return undefined;
}

/**
 * Whether a file has this text; false when it cannot be read. The read does not wait for a FIFO or a lease, and stops behind the length of
 * the text, because a device may have no end.
 */
export function hasText(target: string, text: string): boolean {
  try {
    const fd = fs.openSync(target, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      const found = Buffer.alloc(Buffer.byteLength(text) + 1);
      let bytes = 0;
      for (let read = -1; read !== 0 && bytes < found.length; bytes += read)
        read = fs.readSync(fd, found, bytes, found.length - bytes, null);
      return found.toString('utf8', 0, bytes) === text;
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** Gives a file that cannot have its name another one, which no start of podnetd clears. @returns where the file is now, and why */
function keepAside(temporary: string, target: string, why: unknown): string {
  const kept = keep(temporary, target) ?? temporary;
  return `${target} is now ${kept}, it could not be put back: ${reasonOf(why)}`;
}

function isFile(target: string, stamp: FileStamp): boolean {
  try {
    return isSameInode(stampOf(fs.statSync(target, { bigint: true })), stamp);
  } catch {
    return false;
  }
}

function succeeds(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

function causeOf(error: unknown): string {
  return error instanceof NetworkError && error.code === 'storageFailed'
    ? (error as NetworkError<'storageFailed'>).details.reason
    : reasonOf(error);
}
