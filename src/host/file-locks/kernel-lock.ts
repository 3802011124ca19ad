import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { fileLocks } from '../own-process/addons.js';
import { openLockFile, openLockFileIfThere } from './lock-entry.js';
import { describeLockHolder } from './lock-holder.js';
import { makeFolder } from '../files/make-folder.js';
import { codeOf, storageError } from '../native-error.js';

/** How long a lock file stays open for the next writer. */
const restMs = 1_000;

/** How long readers may keep the lock from a writer: no program that changes networks takes a shared lock, and readers may relay for ever. */
const defaultReaderPatienceMs = 5_000;

type WaitEnd = 'granted' | 'given up' | 'kept by readers';

/**
 * An exclusive lock of the kernel on a file (`F_OFD_SETLK`), which the kernel releases when its holder ends. It excludes Podman's POSIX record
 * locks on the same file, but unlike them it survives when this process closes another descriptor of the file.
 */
export class KernelLock {
  #fd: number | undefined;
  /** Resolves when the kernel grants the lock; undefined while no wait is under way. */
  #granted: Promise<void> | undefined;
  /** Number of callers that wait for `#granted`. */
  #waiters = 0;

  #isHonoured = true;
  #isHeld = false;
  #rest: NodeJS.Timeout | undefined;

  constructor(
    readonly path: string,
    private readonly readerPatienceMs = defaultReaderPatienceMs,
  ) {}

  /** Whether the file system had locks at the last attempt. */
  get isHonoured(): boolean {
    return this.#isHonoured;
  }

  /**
   * Waits in the kernel's own queue, so that other programs that block there cannot starve podnetd.
   *
   * @returns false when `signal` aborted the wait
   * @throws NetworkError storage, also when a file of another user has the lock's name; busy when readers keep the lock
   */
  async acquire(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#acquire(signal);
    } finally {
      if (!this.#isHeld) this.#restSoon();
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const fd = this.#open();
      if (this.#granted === undefined && !this.#try(fd)) this.#granted = this.#wait(fd);
      if (this.#granted !== undefined) {
        const end = await this.#join(this.#granted, fd, signal);
        if (end !== 'granted') {
          this.#abandon();
          if (end === 'kept by readers') throw this.#busy();
          return false;
        }
      }
      this.#granted = undefined;
      if (this.#isCurrent(fd)) {
        this.#isHeld = true;
        return true;
      }
      this.#close(fd);
    }
  }

  isWaiting(): boolean {
    return this.#granted !== undefined;
  }

  /** Whether a writer of another process holds the lock now; false too when the kernel cannot be asked. */
  isHeldElsewhere(): boolean {
    if (this.#isHeld) return false;
    if (this.#granted !== undefined) return true;
    let fd: number | undefined;
    try {
      fd = openLockFileIfThere(this.path);
      // A shared lock succeeds beside readers, who change nothing.
      return !fileLocks().tryLock(fd, { shared: true });
    } catch {
      return false;
    } finally {
      // The close releases the lock that this question took.
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  release(): void {
    this.#isHeld = false;
    if (this.#fd === undefined) return;
    try {
      fileLocks().unlock(this.#fd);
    } catch {
      // Closing the descriptor releases the lock as well.
      this.#close(this.#fd);
      return;
    }
    this.#restSoon();
  }

  #restSoon(): void {
    this.#rest ??= setTimeout(() => this.#closeUnused(), restMs).unref();
    this.#rest.refresh();
  }

  /** See {@link describeLockHolder}. */
  describeHolder(): string {
    return describeLockHolder(this.path);
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    makeFolder(dirname(this.path));
    try {
      return (this.#fd = openLockFile(this.path));
    } catch (error) {
      throw storageError('lock', this.path, error);
    }
  }

  #try(fd: number): boolean {
    try {
      this.#isHonoured = true;
      return fileLocks().tryLock(fd);
    } catch (error) {
      // On a file system without locks the lane relies on the lock folder, which it takes next.
      this.#isHonoured = !['ENOLCK', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(codeOf(error) ?? '');
      if (!this.#isHonoured) return true;
      throw storageError('lock', this.path, error);
    }
  }

  async #wait(fd: number): Promise<void> {
    for (;;) {
      try {
        await fileLocks().waitForLock(fd);
        return;
      } catch (error) {
        if (codeOf(error) !== 'EINTR') throw storageError('lock', this.path, error);
      }
    }
  }

  async #join(granted: Promise<void>, fd: number, signal: AbortSignal): Promise<WaitEnd> {
    this.#waiters += 1;
    try {
      for (;;) {
        if (await settledBefore(granted, signal, this.readerPatienceMs)) return 'granted';
        if (signal.aborted) return 'given up';
        if (isHeldByReaders(fd)) return 'kept by readers';
      }
    } catch (error) {
      // The wait failed, so the next caller has to begin another.
      this.#granted = undefined;
      throw error;
    } finally {
      this.#waiters -= 1;
    }
  }

  #busy(): NetworkError {
    return new NetworkError('laneBusy', {
      waitedMs: this.readerPatienceMs,
      lock: this.path,
      holder: this.describeHolder(),
    });
  }

  /** A thread cannot leave the kernel's queue, so the wait goes on: the next acquire joins it, or the lock is released when it is granted. */
  #abandon(): void {
    const giveBack = () => {
      if (this.#waiters > 0 || this.#granted === undefined) return;
      this.#granted = undefined;
      this.release();
    };
    this.#granted?.then(giveBack, giveBack);
  }

  /** Whether the locked file still has the name of the lock: a lock on a deleted or replaced file excludes no other program. */
  #isCurrent(fd: number): boolean {
    try {
      const held = fs.fstatSync(fd);
      const named = fs.lstatSync(this.path, { throwIfNoEntry: false });
      return named !== undefined && named.ino === held.ino && named.dev === held.dev;
    } catch (error) {
      // The caller gets an error and will not release the lock.
      this.#close(fd);
      throw storageError('lock', this.path, error);
    }
  }

  /** Closes a file that no caller uses, because an open file keeps its file system from being unmounted. */
  #closeUnused(): void {
    if (this.#fd !== undefined && !this.#isHeld && this.#granted === undefined) this.#close(this.#fd);
  }

  #close(fd: number): void {
    this.#fd = undefined;
    fs.closeSync(fd);
  }
}

/** A timer of its own, because Node 20 collects the signal that `AbortSignal.any` makes as garbage, and then it never aborts. */
async function settledBefore(promise: Promise<void>, signal: AbortSignal, patienceMs: number): Promise<boolean> {
  if (signal.aborted) return false;
  let giveUp = (): void => undefined;
  const over = new Promise<false>((resolve) => {
    giveUp = () => resolve(false);
  });
  const timer = setTimeout(giveUp, patienceMs);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([promise.then(() => true), over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** Whether only readers hold the lock. A new file description can share the lock with readers, but not with a writer. */
function isHeldByReaders(fd: number): boolean {
  const own = fs.openSync(`/proc/self/fd/${fd}`, fs.constants.O_RDWR);
  try {
    return !fileLocks().tryLock(own) && fileLocks().tryLock(own, { shared: true });
  } finally {
    fs.closeSync(own);
  }
}
