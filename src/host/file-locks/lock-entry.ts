import * as fs from 'node:fs';
import path from 'node:path';
import { codeOf } from '../native-error.js';

/**
 * What has the name of a lock: a file or a folder that others may have put there first, in /run/lock (1777) above all. Links are never
 * followed, so that no lock is taken on, and no file made at, a place that another user chose.
 */

/** Permission bits: who may read a lock file may hold a shared lock on it, and so keep every other holder out. */
const lockMode = 0o600;
const rootId = 0;

/**
 * Opens the file of a lock, makes it if it is missing, and takes from other users the right to open it.
 *
 * @throws Error of node:fs, or one that names the owner of what is in the way and the remedy
 */
export function openLockFile(file: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  return open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 1);
}

/**
 * The same without making one.
 *
 * @param mayHaveTwoNames for a file that comes to its place by link(2)
 * @throws as {@link openLockFile}; with the code ENOENT when there is none
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
    // Podman makes its own 0644.
    if (found.uid === process.geteuid?.() && (found.mode & 0o7777) !== lockMode) fs.fchmodSync(fd, lockMode);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** @throws Error that names the owner of what is in the way of a lock that is a folder, and the remedy */
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

/** The owner of the folder could put another file there at any time, and may run a Podman that locks it. */
function isStranger(uid: number, target: string): boolean {
  return uid !== rootId && uid !== process.geteuid?.() && uid !== fs.statSync(path.dirname(target)).uid;
}

function describe(found: fs.Stats): string {
  if (found.isFile()) return found.nlink > 1 ? `a file with ${found.nlink} names` : 'a file';
  if (found.isDirectory()) return 'a folder';
  if (found.isSymbolicLink()) return 'a symbolic link';
  return 'a special file';
}
