import * as fs from 'node:fs';
import path from 'node:path';
import { codeOf, storageError } from '../native-error.js';
import { syncFolderNow } from './sync-folder.js';

/**
 * Makes a folder and its missing parents, and syncs each parent, because files that are published in the folder have to outlive a power cut.
 * The sync blocks the event loop, but a host makes its folders only once.
 *
 * @throws NetworkError storage
 */
export function makeFolder(folder: string, mode = 0o755): void {
  const made = makeFolders(folder, mode);
  try {
    for (const each of made) syncFolderNow(path.dirname(each));
  } catch (error) {
    takeBack(made);
    throw storageError('mkdir', folder, error);
  }
}

/**
 * Makes a folder and its missing parents, one by one. Node's recursive mkdir (20 to 26) loops for ever where the kernel reports ENOENT for a
 * parent that exists, as in /proc.
 *
 * @returns paths of the folders that it made, outermost first
 * @throws NetworkError storage, which names the first folder that cannot be made; then those made before it are removed
 */
export function makeFolders(folder: string, mode: number): readonly string[] {
  const made: string[] = [];
  for (const each of listMissing(path.resolve(folder))) {
    try {
      fs.mkdirSync(each, { mode });
      made.push(each);
    } catch (error) {
      // Another process made the folder first.
      if (codeOf(error) === 'EEXIST' && isFolder(each)) continue;
      takeBack(made);
      throw storageError('mkdir', each, codeOf(error) === 'EEXIST' ? (faultOf(each) ?? error) : error);
    }
  }
  return made;
}

/** Paths to make, outermost first. The folder itself is among them also when a file has its name, so that mkdir(2) reports that. */
function listMissing(folder: string): readonly string[] {
  if (isFolder(folder)) return [];
  const missing = [folder];
  for (let at = path.dirname(folder); !isThere(at); at = path.dirname(at)) missing.unshift(at);
  return missing;
}

/** Whether anything is at a path; true also when this process has no right to look, because mkdir(2) then reports the error. */
function isThere(target: string): boolean {
  try {
    return fs.statSync(target, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return codeOf(error) !== 'ENOTDIR';
  }
}

function isFolder(target: string): boolean {
  try {
    return fs.statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** The error of following a name that is no folder, such as a loop of links; undefined when the name can be followed. */
function faultOf(target: string): unknown {
  try {
    fs.statSync(target, { throwIfNoEntry: false });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Removes folders that are not durable, so that the next caller makes and syncs them again instead of relying on them. */
function takeBack(made: readonly string[]): void {
  try {
    for (const each of made.toReversed()) fs.rmdirSync(each);
  } catch {
    // Another program has put a file into the folder; the caller reports the error that led here.
  }
}
