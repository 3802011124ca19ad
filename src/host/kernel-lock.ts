import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { fileLocks } from './addons.js';
import { makeFolder } from './make-folder.js';
import { codeOf, storageError } from './native-error.js';

/** How long a lock file stays open for the next writer. */
const restMs = 1_000;

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

  constructor(readonly path: string) {}

  /** Whether the kernel had locks for this file when it was taken last. */
  get isHonoured(): boolean {
    return this.#isHonoured;
  }

  /**
   * Waits in the kernel's own queue, so that rivals that block there cannot starve us.
   *
   * @returns false when `signal` gave up first
   * @throws NetworkError storage
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
      if (this.#granted !== undefined && !(await this.#join(this.#granted, signal))) {
        this.#abandon();
        return false;
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
      fd = fs.openSync(this.path, fs.constants.O_RDWR);
      return !fileLocks().tryLock(fd);
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

  /** Who holds it, as far as the kernel tells: it names no process for locks of podnetd's own kind. */
  describeHolder(): string {
    try {
      const { ino, dev } = fs.statSync(this.path);
      const device = `${hex(majorOf(dev))}:${hex(minorOf(dev))}`;
      const pattern = new RegExp(`^\\d+: (POSIX|OFDLCK) +\\S+ +\\S+ +(-?\\d+) ${device}:${ino} `, 'm');
      const [, kind, pid] = pattern.exec(fs.readFileSync('/proc/locks', 'utf8')) ?? [];
      if (kind === undefined) return 'an unknown process';
      if (kind === 'OFDLCK') return 'another podnetd';
      return `process ${pid} (${fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
    } catch {
      return 'an unknown process';
    }
  }

  #open(): number {
    if (this.#fd !== undefined) return this.#fd;
    makeFolder(dirname(this.path));
    try {
      // A lock file may be read by all and is never written to; 0644 is Podman's own mode for it.
      this.#fd = fs.openSync(this.path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644);
      return this.#fd;
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

  async #join(granted: Promise<void>, signal: AbortSignal): Promise<boolean> {
    this.#waiters += 1;
    try {
      return await settledBefore(granted, signal);
    } catch (error) {
      // Whoever comes next asks the kernel again.
      this.#granted = undefined;
      throw error;
    } finally {
      this.#waiters -= 1;
    }
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
      const named = fs.statSync(this.path, { throwIfNoEntry: false });
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

/** source: glibc sysdeps/unix/sysv/linux/sys/sysmacros.h, for numbers below 2^32 */
function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
