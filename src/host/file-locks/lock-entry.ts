import * as fs from 'node:fs';
import path from 'node:path';
import { codeOf } from '../native-error.js';

/**
 * The file or folder that has the name of a lock. Another user may have put it there first, in /run/lock (1777) above all. podnetd follows no
 * link, because another user could choose where it leads.
 */

/** Permission bits. A user who may read a lock file can hold a shared lock on it, and so keep every writer out. */
const lockMode = 0o600;
const rootId = 0;

/**
 * Opens the file of a lock, makes it if it is missing, and revokes other users' right to open it.
 *
 * @returns its descriptor
 * @throws Error of node:fs, or one that names the file in the way, its owner and the remedy
 */
export function openLockFile(file: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  return open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 1);
}

/**
 * As {@link openLockFile}, but makes no file.
 *
 * @param mayHaveTwoNames for a file that link(2) puts into its place
 * @throws as {@link openLockFile}; with the code ENOENT when there is no file
 */
export function openLockFileIfThere(file: string, mayHaveTwoNames = false): number {
  const { O_RDWR, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  return open(file, O_RDWR | O_NOFOLLOW | O_NONBLOCK, mayHaveTwoNames ? 2 : 1);
}

function open(file: string, flags: number, mostNames: number): number {
  let fd: number;
  try {
    fd = fs.openSync(file, flags, lockMode);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    throw explain(file, 'file', mostNames) ?? error;
  }
  try {
    const found = fs.fstatSync(fd);
    const fault = faultOf(found, file, 'file', mostNames);
    if (fault !== undefined) throw fault;
    // Podman makes its lock files with mode 0644.
    if (found.uid === process.geteuid?.() && (found.mode & 0o7777) !== lockMode) fs.fchmodSync(fd, lockMode);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** Checks the name of a lock that is a folder. @throws Error that names the file in the way, its owner and the remedy */
export function refuseObstacle(folder: string): void {
  const fault = explain(folder, 'folder');
  if (fault !== undefined) throw fault;
}

function explain(target: string, wanted: 'file' | 'folder', mostNames = 1): Error | undefined {
  const found = fs.lstatSync(target, { throwIfNoEntry: false });
  return found && faultOf(found, target, wanted, mostNames);
}

function faultOf(found: fs.Stats, target: string, wanted: 'file' | 'folder', mostNames: number): Error | undefined {
  const isWanted = wanted === 'file' ? found.isFile() && found.nlink <= mostNames : found.isDirectory();
  if (isWanted && !isStranger(found.uid, target)) return undefined;
  return new Error(
    `${describe(found)} of uid ${found.uid} is in the way of the lock, which has to be a plain ${wanted} of this process's user, of root or of the folder's owner; remove it`,
  );
}

/** Whether a lock belongs to a third user. The folder's owner is none: that user could replace the lock anyway, and may run a Podman with it. */
function isStranger(uid: number, target: string): boolean {
  return uid !== rootId && uid !== process.geteuid?.() && uid !== fs.statSync(path.dirname(target)).uid;
}

function describe(found: fs.Stats): string {
  if (found.isFile()) return found.nlink > 1 ? `a file with ${found.nlink} names` : 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isSymbolicLink()) return 'a symbolic link';
  return 'a special file';
}
