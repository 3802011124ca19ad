import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import type { Files } from '../host/files/files.js';
import { refuseObstacle } from '../host/file-locks/lock-entry.js';
import { lockFolderCalls } from '../host/file-locks/lock-folder.js';
import { codeOf } from '../host/native-error.js';
import { NetworkError } from '../model/errors/errors.js';

/** A folder that is not refreshed for this long belongs to nobody alive. */
const staleMs = 10_000;
const retryMs = 50;

/** A lock made of a folder (`<path>.lock`), for file systems on which the kernel's locks do not reach everybody. */
export class LockFile {
  constructor(
    readonly path: string,
    private readonly files: Files,
    private readonly onLost: (error: Error) => void,
  ) {}

  /** Whether others than the processes of this machine can come to the file. */
  isShared(): boolean {
    return !this.files.isLocal(dirname(this.path));
  }

  /** Whether the folder is there where it counts: one that a dead process left counts until the next holder clears it. */
  isHeld(): boolean {
    return this.files.exists(`${this.path}.lock`) && this.isShared();
  }

  /**
   * @returns the release, or undefined when `signal` gave up first
   * @throws NetworkError storage, also where a stranger's folder, or none at all, has its name
   */
  async acquire(signal: AbortSignal): Promise<LockFileHold | undefined> {
    while (!signal.aborted) {
      const hold = await this.#try();
      if (hold !== undefined) return hold;
      await pause(retryMs, signal);
    }
    return undefined;
  }

  #refuseObstacle(): void {
    try {
      refuseObstacle(`${this.path}.lock`);
    } catch (error) {
      throw failure(this.path, error);
    }
  }

  async #try(): Promise<LockFileHold | undefined> {
    let lost = false;
    try {
      const release = await lockfile.lock(this.path, {
        realpath: false,
        fs: lockFolderCalls,
        stale: staleMs,
        onCompromised: (error) => {
          lost = true;
          this.onLost(error);
        },
      });
      return {
        isLost: () => lost,
        // What was done under the lock is done; a lock folder that stays is cleared by the next holder.
        release: async () => await release().catch(this.onLost),
      };
    } catch (error) {
      this.#refuseObstacle();
      if (codeOf(error) === 'ELOCKED') return undefined;
      throw failure(this.path, error);
    }
  }
}

export interface LockFileHold {
  isLost(): boolean;
  release(): Promise<void>;
}

function failure(path: string, error: unknown): NetworkError {
  const reason = error instanceof Error ? error.message : String(error);
  return new NetworkError('storageFailed', { path: `${path}.lock`, operation: 'lock', reason }, { cause: error });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
