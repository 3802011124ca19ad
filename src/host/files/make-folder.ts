import * as fs from 'node:fs';
import path from 'node:path';
import { codeOf, storageError } from '../native-error.js';
import { syncFolderNow } from './sync-folder.js';

/**
 * Makes a folder and its missing parents so that they outlive a power cut, as what is published in them must.
 * It happens once in the life of a host, so it may wait for the disk.
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
 * Makes a folder and its missing parents, one by one: where the kernel says that a new folder's parent is missing although it is there, as
 * in /proc, Node's recursive mkdir goes round for ever (20 to 26).
 *
 * @returns those that it made, outermost first
 * @throws NetworkError storage, which names the first that cannot be made; then none is left
 */
export function makeFolders(folder: string, mode: number): readonly string[] {
  const made: string[] = [];
  for (const each of listMissing(path.resolve(folder))) {
    try {
      fs.mkdirSync(each, { mode });
      made.push(each);
    } catch (error) {
      // Another process was faster.
      if (codeOf(error) === 'EEXIST' && isFolder(each)) continue;
      takeBack(made);
      throw storageError('mkdir', each, codeOf(error) === 'EEXIST' ? (faultOf(each) ?? error) : error);
    }
  }
  return made;
}

/** The folder itself is among them also where something else has its name: mkdir(2) then says so. */
function listMissing(folder: string): readonly string[] {
  if (isFolder(folder)) return [];
  const missing = [folder];
  for (let at = path.dirname(folder); !isThere(at); at = path.dirname(at)) missing.unshift(at);
  return missing;
}

/** What cannot be looked at for want of rights is for mkdir(2) to judge. */
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

/** Why something that has the name is no folder, where the kernel says more than that it is there: a loop of links, for one. */
function faultOf(target: string): unknown {
  try {
    fs.statSync(target, { throwIfNoEntry: false });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** So that whoever comes next makes and syncs it again, rather than find it there and rely on it. */
function takeBack(made: readonly string[]): void {
  try {
    for (const each of made.toReversed()) fs.rmdirSync(each);
  } catch {
    // Somebody has put something in it, and the error that led here is the one to tell.
  }
}
