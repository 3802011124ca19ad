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
 * A small file that says what somebody is about to do. It is locked while any process lives that has its descriptor: its maker, and the
 * programs that the maker handed it to. So whoever finds it unlocked knows that nobody is at work any more, even after a kill -9.
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
   * Durable, and locked before anybody can see it.
   *
   * @param staging folder where it is until it is whole, unless that is another file system or mount: then it is the folder of `target`.
   * What a crash leaves there has a temporary name and is unlocked; see {@link clearUnborn}
   * @returns undefined when there is one of the name
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
        // While it is locked nobody takes it for work that was begun.
        if (isInPlace) discard(target);
        fs.closeSync(fd);
      }
      if (!isInPlace && codeOf(error) === 'EEXIST') return undefined;
      // Only the attempt shows it: two mounts of one file system are apart too.
      if (codeOf(error) === 'EXDEV' && staging !== path.dirname(target)) return await HeldFile.make(target, text);
      throw storageError('write', target, error);
    }
  }

  /**
   * Takes one over that nobody is at work on.
   *
   * @returns undefined when somebody is; 'gone' when there is none
   * @throws NetworkError storage
   */
  static seize(target: string): HeldFile | 'gone' | undefined {
    let fd: number | undefined;
    try {
      fd = openLockFileIfThere(target, true);
      if (!fileLocks().tryLock(fd)) return close(fd, undefined);
      // Its holder takes the name away before it lets go.
      if (fs.fstatSync(fd).nlink === 0) return close(fd, 'gone');
      return new HeldFile(target, fd, fs.readFileSync(fd, 'utf8'));
    } catch (error) {
      if (fd !== undefined) fs.closeSync(fd);
      if (codeOf(error) === 'ENOENT') return 'gone';
      throw storageError('open', target, error);
    }
  }

  /** For programs to inherit; see host/programs/run. */
  get descriptor(): number {
    if (this.#fd === undefined) throw new TypeError(`${this.target} is held no longer`);
    return this.#fd;
  }

  /** Survives this process, not a power cut. @throws NetworkError storage */
  append(text: string): void {
    try {
      fs.writeSync(this.descriptor, text);
    } catch (error) {
      throw storageError('write', this.target, error);
    }
  }

  /** What it said is done, or never begun. A name that the disk does not let go calls nothing back: whoever finds it unlocked ends it. */
  remove(): void {
    discard(this.target);
    this.release();
  }

  /** Leaves it to the next who looks. */
  release(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Removes what was being written to a folder when its process died; what cannot be had is left. @throws NetworkError storage */
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
