import * as fs from 'node:fs';
import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { codeOf, extendReason, storageError } from '../native-error.js';
import { exchangeNames } from './exchange-names.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import { endRemoval, exchangeBack, hasText, putBack, setAside, withdraw } from './set-aside.js';
import { discard, linkWithoutOverwriting, wayOutFor, type StagedFile } from './temporary-file.js';

/** One name of a folder that comes, goes, or gets another file. */
export interface NameChange {
  readonly fileName: string;
  /** Text of the file that has the name before; undefined when no file has it. */
  readonly before: string | undefined;
  /** Text of the file that has the name afterwards; undefined when the name goes. */
  readonly after: string | undefined;
  /** Name that a removed file keeps until the caller deletes it, because work that follows from its removal is still to be done. */
  readonly trace?: string | undefined;
  /** Time of the new file, to the microsecond; now by default. */
  readonly mtimeNs?: bigint | undefined;
}

/** A change that every process can see and that can still be undone. Until `finish` a temporary name keeps the file that it concerns. */
export interface MadeChange {
  /**
   * Undoes the change, but leaves a file that another program put there meanwhile.
   *
   * @returns undefined when it is undone; else where a file is now that could not be put back, and why
   */
  undo(): string | undefined;
  /** @returns the stamp of the new file; undefined for a removal */
  finish(): FileStamp | undefined;
}

/**
 * Makes a change unless another program changed the name since the change was decided.
 *
 * @param staged the new file; undefined for a removal
 * @throws NetworkError exists, busy (fileOvertaken), forbidden (fileLinked), storage; then the name still has its former file
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
      endRemoval(aside, trace);
      return undefined;
    },
  };
}

function replace(target: string, before: string, after: string, { temporary, stamp }: StagedFile): MadeChange {
  if (fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    discard(temporary);
    throw new NetworkError('fileLinked', { path: target });
  }
  const mark = markGoing(target, temporary);
  // In this order: a reader that finds the temporary name finds the mark, too.
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
    throw left === undefined ? overtaken : extendReason(storageError('rename', target, overtaken), left);
  }
  return {
    undo,
    finish() {
      end();
      return stampInPlace(target, stamp);
    },
  };
}

/**
 * Links a second name to the file that goes, because the exchange gives it a name that stands for a file that comes. Readers find the one by
 * the other, see `cni/folder/foreign-changes`. A file system without hard links gets none.
 */
function markGoing(target: string, temporary: string): string {
  const mark = wayOutFor(temporary);
  try {
    fs.linkSync(target, mark);
  } catch {
    // Another podnetd then sees the change before it is durable.
  }
  return mark;
}

/**
 * The stamp of the written file with the change time and link count of now. Inode, size and mtime are those that podnetd wrote, so the next
 * look notices a file or an edit of another program.
 */
function stampInPlace(target: string, written: FileStamp): FileStamp {
  try {
    const { ctimeNs, indirect } = stampOf(fs.statSync(target, { bigint: true }));
    return { ...written, ctimeNs, indirect };
  } catch {
    return written;
  }
}
