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

/** How long holders of shared locks are waited for: no program that changes networks takes one, and any number of them may take turns. */
const defaultReaderPatienceMs = 5_000;

type WaitEnd = 'granted' | 'given up' | 'kept by readers';

/**
 * An exclusive lock of the kernel on a file (`F_OFD_SETLK`), which excludes Podman's POSIX record locks on the same file and vanishes
 * with its holder. Unlike those it survives the closing of another descriptor of the file in this process.
 */
export class KernelLock {
  #fd: number | undefined;
  /** A wait in the kernel that is under way. */
  #granted: Promise<void> | undefined;
  /** Callers that wait for it. */
  #waiters = 0;

  #isHonoured = true;
  #isHeld = false;
  #rest: NodeJS.Timeout | undefined;

  constructor(
    readonly path: string,
    private readonly readerPatienceMs = defaultReaderPatienceMs,
  ) {}

  /** Whether the kernel had locks for this file when it was taken last. */
  get isHonoured(): boolean {
    return this.#isHonoured;
  }

  /**
   * Waits in the kernel's own queue, so that rivals that block there cannot starve us.
   *
   * @returns false when `signal` gave up first
   * @throws NetworkError storage, also where the name of the lock has something of a stranger's; busy when readers keep it
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

  /** Whether another process holds it now. One that cannot be asked for is held by none. */
  isHeldElsewhere(): boolean {
    if (this.#isHeld) return false;
    if (this.#granted !== undefined) return true;
    let fd: number | undefined;
    try {
      fd = openLockFileIfThere(this.path);
      // A reader's lock says nothing of a change.
      return !fileLocks().tryLock(fd, { shared: true });
    } catch {
      return false;
    } finally {
      // A lock that was had for this question goes with its descriptor.
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  release(): void {
    this.#isHeld = false;
    if (this.#fd === undefined) return;
    try {
      fileLocks().unlock(this.#fd);
    } catch {
      // Closing it lets go as well.
      this.#close(this.#fd);
      return;
    }
    this.#restSoon();
  }

  #restSoon(): void {
    this.#rest ??= setTimeout(() => this.#closeUnused(), restMs).unref();
    this.#rest.refresh();
  }

  /** Who holds it, as far as the kernel tells. */
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
      // Without locks in the file system the lock folder that comes next in the lane has to do.
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
        const patience = AbortSignal.any([signal, AbortSignal.timeout(this.readerPatienceMs)]);
        if (await settledBefore(granted, patience)) return 'granted';
        if (signal.aborted) return 'given up';
        if (isHeldByReaders(fd)) return 'kept by readers';
      }
    } catch (error) {
      // Whoever comes next asks the kernel again.
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

  /** The kernel's queue cannot be left: the wait goes on, the next acquire joins it, and if none has come the lock is given back. */
  #abandon(): void {
    const giveBack = () => {
      if (this.#waiters > 0 || this.#granted === undefined) return;
      this.#granted = undefined;
      this.release();
    };
    this.#granted?.then(giveBack, giveBack);
  }

  /** A lock on a file that was deleted or replaced meanwhile excludes nobody. */
  #isCurrent(fd: number): boolean {
    try {
      const held = fs.fstatSync(fd);
      const named = fs.lstatSync(this.path, { throwIfNoEntry: false });
      return named !== undefined && named.ino === held.ino && named.dev === held.dev;
    } catch (error) {
      // Nobody is going to release it.
      this.#close(fd);
      throw storageError('lock', this.path, error);
    }
  }

  /** An open file keeps its file system from being unmounted. */
  #closeUnused(): void {
    if (this.#fd !== undefined && !this.#isHeld && this.#granted === undefined) this.#close(this.#fd);
  }

  #close(fd: number): void {
    this.#fd = undefined;
    fs.closeSync(fd);
  }
}

async function settledBefore(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  let onAbort = (): void => undefined;
  const aborted = new Promise<false>((resolve) => {
    onAbort = () => resolve(false);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise.then(() => true), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Asked through a description of its own: a shared lock goes together with those of readers, and with no writer's. */
function isHeldByReaders(fd: number): boolean {
  const own = fs.openSync(`/proc/self/fd/${fd}`, fs.constants.O_RDWR);
  try {
    return !fileLocks().tryLock(own) && fileLocks().tryLock(own, { shared: true });
  } finally {
    fs.closeSync(own);
  }
}
