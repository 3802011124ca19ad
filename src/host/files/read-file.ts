import * as fs from 'node:fs';
import { codeOf, isShortage, reasonOf, storageError } from '../native-error.js';
import { toNative, toText } from './file-name.js';
import { stampOf, type FileStamp } from './file-stamp.js';

/** The text of a file, or why a file that is there has none. */
export type ReadOutcome =
  | { readonly text: string; readonly stamp: FileStamp }
  | {
      readonly problem: string;
      /** Undefined when the file could not even be looked at. */
      readonly stamp: FileStamp | undefined;
      /** The disk or the rights of this process keep the content back now; that may end while the stamp stays the same. */
      readonly isWithheld: boolean;
    };

/**
 * Reads a plain file of at most `limitBytes`, without waiting for a FIFO or device.
 *
 * @returns undefined when the name has no file and no link
 * @throws NetworkError storage when podnetd cannot find out what is there: it lacks descriptors or memory, or the folder is closed to it
 */
export function readFile(target: string, limitBytes: number): ReadOutcome | undefined {
  let stamp: FileStamp | undefined;
  try {
    const named = lookAt(target);
    if (named === undefined) return undefined;
    stamp = readStamp(target, named);
    if (stamp === undefined) return describeDanglingLink(target, named);
    const fd = fs.openSync(toNative(target), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      const found = fs.fstatSync(fd, { bigint: true });
      if (!found.isFile()) return { problem: 'not a regular file', stamp, isWithheld: false };
      if (found.size > limitBytes) return { problem: `larger than ${limitBytes} bytes`, stamp, isWithheld: false };
      return { text: fs.readFileSync(fd, 'utf8'), stamp: { ...stampOf(found), indirect: stamp.indirect } };
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === 'ENOENT') return undefined;
    // The folder is closed when its rights keep even the stamp back, so podnetd knows nothing about any file in it.
    if (isShortage(error) || (stamp === undefined && folderCodes.has(code))) throw storageError('open', target, error);
    return { problem: reasonOf(error), stamp, isWithheld: !unreadableKinds.has(code) };
  }
}

/**
 * The stamp of a file, or of the file that a symbolic link leads to; undefined when none is there.
 *
 * @param named the name itself, which may be a link
 * @throws Error of node:fs
 */
export function readStamp(target: string, named = lookAt(target)): FileStamp | undefined {
  if (named?.isSymbolicLink() !== true) return named && stampOf(named);
  const found = followLink(target, named);
  return found && { ...stampOf(found), indirect: true };
}

/** Codes of files that their kind keeps from being opened: a loop of links, a socket, a device without a driver. */
const unreadableKinds = new Set(['ELOOP', 'ENXIO', 'ENODEV']);

/** Codes that the folder of a file causes, not the file itself. */
const folderCodes = new Set(['EACCES', 'ENOTDIR']);

/** @throws Error of node:fs */
function lookAt(target: string): fs.BigIntStats | undefined {
  return fs.lstatSync(toNative(target), { bigint: true, throwIfNoEntry: false });
}

/** A link that leads nowhere is a problem, not an absence, because no new file can have its name. @throws Error of node:fs */
function describeDanglingLink(target: string, named: fs.BigIntStats): ReadOutcome {
  const problem = `a symbolic link to ${toText(fs.readlinkSync(toNative(target), 'latin1'))}, which is not there`;
  return { problem, stamp: { ...stampOf(named), indirect: true }, isWithheld: false };
}

/** The stats of the link itself when it cannot be followed (a loop, a closed folder), so that a read still reports it. */
function followLink(target: string, named: fs.BigIntStats): fs.BigIntStats | undefined {
  try {
    return fs.statSync(toNative(target), { bigint: true, throwIfNoEntry: false });
  } catch {
    return named;
  }
}
