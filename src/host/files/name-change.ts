import * as fs from 'node:fs';
import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { exchangeNames } from './exchange-names.js';
import { isSameInode, stampOf, type FileStamp } from './file-stamp.js';
import { codeOf, reasonOf, storageError } from '../native-error.js';
import {
  discard,
  keep,
  linkWithoutOverwriting,
  makeTemporaryName,
  type StagedFile,
  type TemporaryKind,
} from './temporary-file.js';

/** One name of a folder that comes, goes, or gets another file. */
export interface NameChange {
  readonly fileName: string;
  /** Text that its file has; undefined where there is no file. */
  readonly before: string | undefined;
  /** Text that its file gets; undefined where it goes. */
  readonly after: string | undefined;
  /**
   * Name that a file that goes has from then on, until the caller lets it go: what follows from its end is not done yet. None unless given.
   */
  readonly trace?: string | undefined;
  /** Of the new file; 0644 unless said otherwise. */
  readonly mode?: number;
}

/** A change that all can see, and that can still be taken back. Until it is finished a temporary name has the file that it is about. */
export interface MadeChange {
  /** A file that another program put there meanwhile is left. @returns where a file is now if it could not be taken back, and why */
  undo(): string | undefined;
  /** @returns the stamp of the new file, undefined where there is none */
  finish(): FileStamp | undefined;
}

/**
 * Makes a change unless another program has changed the name since it was decided on.
 *
 * @param staged the new file, where there is one
 * @throws NetworkError exists, busy (fileOvertaken), storage; then the name has the file that it had
 */
export function makeChange(folder: string, change: NameChange, staged: StagedFile | undefined): MadeChange {
  const target = path.join(folder, change.fileName);
  const { before, after, trace } = change;
  if (staged === undefined || after === undefined)
    return remove(target, before ?? '', trace === undefined ? undefined : path.join(folder, trace));
  return before === undefined ? add(target, after, staged) : replace(target, before, after, staged);
}

function add(target: string, text: string, { temporary, stamp }: StagedFile): MadeChange {
  try {
    linkWithoutOverwriting(temporary, target);
  } catch (error) {
    discard(temporary);
    if (codeOf(error) === 'EEXIST') throw new NetworkError('fileExists', { path: target }, { cause: error });
    throw storageError('link', target, error);
  }
  return {
    undo() {
      const left = withdraw(target, text, stamp);
      discard(temporary);
      return left;
    },
    finish() {
      discard(temporary);
      return stampInPlace(target, stamp);
    },
  };
}

function remove(target: string, text: string, trace: string | undefined): MadeChange {
  const aside = setAside(target, text);
  if (aside === undefined) return { undo: () => undefined, finish: () => undefined };
  return {
    undo: () => putBack(aside, target),
    finish() {
      if (trace === undefined || !succeeds(() => fs.renameSync(aside, trace))) discard(aside);
      return undefined;
    },
  };
}

function replace(target: string, before: string, after: string, { temporary, stamp }: StagedFile): MadeChange {
  const mark = markGoing(target);
  const end = () => {
    discard(temporary);
    discard(mark);
  };
  try {
    exchangeNames(temporary, target);
  } catch (error) {
    end();
    if (codeOf(error) === 'ENOENT') throw new NetworkError('fileOvertaken', { path: target }, { cause: error });
    throw storageError('rename', target, error);
  }
  const undo = () => {
    const left = exchangeBack(temporary, target, after);
    if (left === undefined) end();
    else discard(mark);
    return left;
  };
  if (!hasText(temporary, before)) {
    const overtaken = new NetworkError('fileOvertaken', { path: target });
    const left = undo();
    throw left === undefined ? overtaken : extend(storageError('rename', target, overtaken), left);
  }
  return {
    undo,
    finish() {
      end();
      return stampInPlace(target, stamp);
    },
  };
}

/** A second name for the file that goes: the exchange gives it the name of the file that comes. A disk without hard links has none. */
function markGoing(target: string): string {
  const mark = makeTemporaryName(path.dirname(target), 'old');
  try {
    fs.linkSync(target, mark);
  } catch {
    // Without it another podnetd sees the change before it is durable.
  }
  return mark;
}

/** @param text of the file that the name has unless another program has changed it; then its file stays there */
function exchangeBack(temporary: string, target: string, text: string): string | undefined {
  try {
    exchangeNames(temporary, target);
    if (!hasText(temporary, text)) exchangeNames(temporary, target);
  } catch (error) {
    // Another program has removed what was there, as it would have removed the file before.
    if (codeOf(error) !== 'ENOENT') return keepAside(temporary, target, error);
  }
  return undefined;
}

/** Takes a file away again that could not be published. */
function withdraw(target: string, text: string, written: FileStamp): string | undefined {
  try {
    // As one that came: to those who have not seen it, it is no file that was there.
    const aside = setAside(target, text, 'tmp');
    if (aside !== undefined) discard(aside);
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'fileOvertaken') return undefined;
    // Of the two ways of the disk to lose a name one may be left, though a file that comes in this very moment goes with it.
    if (isFile(target, written) && succeeds(() => fs.unlinkSync(target))) return undefined;
    return `${target} stays, it could not be removed: ${causeOf(error)}`;
  }
  return undefined;
}

/**
 * Renames a file out of the way. It is looked at under its temporary name, which no other program knows: a look before could be at another file.
 *
 * @returns its temporary name; undefined when there was nothing
 * @throws NetworkError busy (fileOvertaken), storage
 */
function setAside(target: string, text: string, kind: TemporaryKind = 'old'): string | undefined {
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
  throw left === undefined ? overtaken : extend(storageError('unlink', target, overtaken), left);
}

function isFile(target: string, stamp: FileStamp): boolean {
  try {
    return isSameInode(stampOf(fs.statSync(target, { bigint: true })), stamp);
  } catch {
    return false;
  }
}

/** A file that cannot be read is taken for another one; a FIFO, or one under a lease, is not waited for, nor a device read to its end. */
function hasText(target: string, text: string): boolean {
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

function putBack(temporary: string, target: string): string | undefined {
  try {
    linkWithoutOverwriting(temporary, target);
  } catch (error) {
    return keepAside(temporary, target, error);
  }
  discard(temporary);
  return undefined;
}

/** A file that cannot have its name gets another one that no start clears. */
function keepAside(temporary: string, target: string, why: unknown): string {
  const kept = keep(temporary, target) ?? temporary;
  return `${target} is now ${kept}, it could not be put back: ${reasonOf(why)}`;
}

/** Whether another program has put a file there, or changed this one, is seen by a stamp that is not the written file's. */
function stampInPlace(target: string, written: FileStamp): FileStamp {
  try {
    const { ctimeNs, indirect } = stampOf(fs.statSync(target, { bigint: true }));
    return { ...written, ctimeNs, indirect };
  } catch {
    return written;
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

/** A failure that says what it could not call back, if anything. */
export function extend(
  failure: NetworkError<'storageFailed'>,
  left: string | undefined,
): NetworkError<'storageFailed'> {
  if (left === undefined) return failure;
  const reason = `${failure.details.reason}; ${left}`;
  return new NetworkError('storageFailed', { ...failure.details, reason }, { cause: failure.cause });
}

function causeOf(error: unknown): string {
  return error instanceof NetworkError && error.code === 'storageFailed'
    ? (error as NetworkError<'storageFailed'>).details.reason
    : reasonOf(error);
}
