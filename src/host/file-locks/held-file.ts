import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { NetworkError } from '../../model/errors/errors.js';
import { fileLocks } from '../own-process/addons.js';
import type { Files } from '../files/files.js';
import { openLockFileIfThere } from './lock-entry.js';
import { codeOf, isShortage, storageError } from '../native-error.js';
import { syncFolder } from '../files/sync-folder.js';
import { makeTemporaryName } from '../files/temporary-file.js';

const sync = promisify(fs.fsync);

/**
 * A small file that names a piece of work before it is begun. The file is locked while any process has its descriptor: its maker, or a program
 * that inherited the descriptor. An unlocked file therefore means abandoned work, even after a kill -9.
 */
export class HeldFile {
  #fd: number | undefined;

  private constructor(
    readonly target: string,
    fd: number,
    readonly text: string,
  ) {
    this.#fd = fd;
  }

  /**
   * Makes a file that is locked before any other process can see it, and syncs it and its folder.
   *
   * @param staging folder of the file until it is whole. The folder of `target` takes its place if it is on another mount. A crash leaves an
   * unlocked file with a temporary name there; see {@link clearUnborn}
   * @returns undefined when another file has the name
   * @throws NetworkError storage
   */
  static async make(target: string, text: string, staging = path.dirname(target)): Promise<HeldFile | undefined> {
    const temporary = makeTemporaryName(staging);
    let fd: number | undefined;
    let isInPlace = false;
    try {
      fd = fs.openSync(temporary, 'wx+', 0o600);
      fileLocks().tryLock(fd);
      fs.writeFileSync(fd, text);
      await sync(fd);
      fs.linkSync(temporary, target);
      isInPlace = true;
      fs.unlinkSync(temporary);
      await syncFolder(path.dirname(target));
      return new HeldFile(target, fd, text);
    } catch (error) {
      if (fd !== undefined) {
        discard(temporary);
        // The name goes before the lock, so that no process takes the file for abandoned work.
        if (isInPlace) discard(target);
        fs.closeSync(fd);
      }
      if (!isInPlace && codeOf(error) === 'EEXIST') return undefined;
      // Only link(2) finds this out: it refuses two mounts of the same file system too.
      if (codeOf(error) === 'EXDEV' && staging !== path.dirname(target)) return await HeldFile.make(target, text);
      throw storageError('write', target, error);
    }
  }

  /**
   * Takes abandoned work over.
   *
   * @returns undefined when a process is still at work; 'gone' when the file does not exist
   * @throws NetworkError storage
   */
  static seize(target: string): HeldFile | 'gone' | undefined {
    let fd: number | undefined;
    try {
      fd = openLockFileIfThere(target, true);
      if (!fileLocks().tryLock(fd)) return close(fd, undefined);
      // The former holder removed the name before it released the lock.
      if (fs.fstatSync(fd).nlink === 0) return close(fd, 'gone');
      return new HeldFile(target, fd, fs.readFileSync(fd, 'utf8'));
    } catch (error) {
      if (fd !== undefined) fs.closeSync(fd);
      if (codeOf(error) === 'ENOENT') return 'gone';
      throw storageError('open', target, error);
    }
  }

  /** The descriptor, for programs to inherit; see host/programs/run. */
  get descriptor(): number {
    if (this.#fd === undefined) throw new TypeError(`${this.target} was released already`);
    return this.#fd;
  }

  /** Adds to the file without a sync: the text outlives this process, not a power cut. @throws NetworkError storage */
  append(text: string): void {
    try {
      fs.writeSync(this.descriptor, text);
    } catch (error) {
      throw storageError('write', this.target, error);
    }
  }

  /**
   * Removes the file of work that is done or was never begun. If the disk refuses, the next process that finds the file unlocked ends that
   * work again.
   */
  remove(): void {
    discard(this.target);
    this.release();
  }

  /** Unlocks the file and leaves the work to the next process that seizes it. */
  release(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/**
 * Removes files that dead processes left half-made in a folder, and skips those that cannot be opened.
 *
 * @throws NetworkError storage when the folder cannot be listed, or for want of descriptors or memory
 */
export function clearUnborn(folder: string, files: Pick<Files, 'listLeftovers'>): void {
  for (const fileName of files.listLeftovers(folder)) {
    try {
      const held = HeldFile.seize(path.join(folder, fileName));
      if (held instanceof HeldFile) held.remove();
    } catch (error) {
      if (!(error instanceof NetworkError) || isShortage(error.cause)) throw error;
    }
  }
}

function discard(name: string): void {
  try {
    fs.rmSync(name, { force: true });
  } catch {
    // See HeldFile.remove.
  }
}

function close<T>(fd: number, answer: T): T {
  fs.closeSync(fd);
  return answer;
}
