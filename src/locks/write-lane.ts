import { dirname } from 'node:path';
import type { KernelLock } from '../host/file-locks/kernel-lock.js';
import { NetworkError } from '../model/errors/errors.js';
import type { LockFile } from './lock-file.js';

declare const held: unique symbol;

/** Proof that the write lane is held; functions that change the folder take it as a parameter. */
export interface Held {
  readonly [held]: true;
  /** False once another machine took a lock over, because this one slept for longer than a lock folder stays fresh. */
  isValid(): boolean;
}

/**
 * The locks on disk, taken from cheap to dear and released in reverse: the kernel locks that Podman takes too, then the lock folder
 * where other machines can change the folder.
 * A process holds the lane once at a time; the group commit queues its writers.
 */
export class WriteLane {
  #isHeld = false;

  constructor(
    private readonly kernelLocks: readonly KernelLock[],
    private readonly lockFile: LockFile,
  ) {}

  /**
   * Runs `use` with every lock held.
   *
   * @returns false when `signal` aborted the wait for a lock
   * @throws NetworkError storage when a lock cannot be taken at all, and any error of `use`
   */
  async hold(signal: AbortSignal, use: (held: Held) => Promise<void>): Promise<boolean> {
    return await this.#holdKernelLocks(0, signal, use);
  }

  /**
   * Whether another podnetd is changing the folder now, by the locks in the folder. It waits for no lock; a lock that cannot be asked counts as
   * free.
   */
  isHeldElsewhere(): boolean {
    if (this.#isHeld) return false;
    const own = this.kernelLocks.find((lock) => lock.path === this.lockFile.path);
    return own?.isHeldElsewhere() === true || this.lockFile.isHeld();
  }

  /** The error for a caller who waited in vain: podnetd itself was slow, or another program holds a lock. */
  describeObstacle(waitedMs: number): NetworkError {
    if (this.#isHeld) return new NetworkError('laneSlow', { waitedMs, folder: dirname(this.lockFile.path) });
    const lock = this.kernelLocks.find((candidate) => candidate.isWaiting());
    return new NetworkError('laneBusy', {
      waitedMs,
      lock: lock?.path ?? `${this.lockFile.path}.lock`,
      holder: lock?.describeHolder() ?? 'another machine',
    });
  }

  async #holdKernelLocks(index: number, signal: AbortSignal, use: (held: Held) => Promise<void>): Promise<boolean> {
    const lock = this.kernelLocks[index];
    if (lock === undefined) return await this.#holdLockFile(signal, use);
    if (!(await lock.acquire(signal))) return false;
    try {
      return await this.#holdKernelLocks(index + 1, signal, use);
    } finally {
      lock.release();
    }
  }

  async #holdLockFile(signal: AbortSignal, use: (held: Held) => Promise<void>): Promise<boolean> {
    if (this.#kernelLocksSuffice()) return await this.#use(use, () => true);
    const hold = await this.lockFile.acquire(signal);
    if (hold === undefined) return false;
    try {
      return await this.#use(use, () => !hold.isLost());
    } finally {
      await hold.release();
    }
  }

  async #use(use: (held: Held) => Promise<void>, isValid: () => boolean): Promise<true> {
    this.#isHeld = true;
    try {
      await use(prove(isValid));
      return true;
    } finally {
      this.#isHeld = false;
    }
  }

  /** Whether the lock folder is needless: on a file system of this machine alone, the kernel's locks exclude every other podnetd. */
  #kernelLocksSuffice(): boolean {
    return this.kernelLocks.every((lock) => lock.isHonoured) && !this.lockFile.isShared();
  }
}

function prove(isValid: () => boolean): Held {
  // The brand exists for the compiler alone, so that only this function makes a Held.
  return { isValid } as Held;
}
