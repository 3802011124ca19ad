import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import type { Files } from '../host/files/files.js';
import { refuseObstacle } from '../host/file-locks/lock-entry.js';
import { lockFolderCalls } from '../host/file-locks/lock-folder.js';
import { codeOf } from '../host/native-error.js';
import { NetworkError } from '../model/errors/errors.js';

/** A lock folder that was not refreshed for this long belongs to a dead process. */
const staleMs = 10_000;
const retryMs = 50;

/** A lock made of a folder (`<path>.lock`), for file systems on which the kernel's locks do not reach every machine. */
export class LockFile {
  constructor(
    readonly path: string,
    private readonly files: Files,
    private readonly onLost: (error: Error) => void,
  ) {}

  /** Whether other machines may reach the file. */
  isShared(): boolean {
    return !this.files.isLocal(dirname(this.path));
  }

  /** Whether the lock folder exists on a file system where the lane needs it. A dead process's folder counts until the next holder clears it. */
  isHeld(): boolean {
    return this.files.exists(`${this.path}.lock`) && this.isShared();
  }

  /**
   * @returns the hold; undefined when `signal` aborted the wait
   * @throws NetworkError storage, also when another user's folder, or something that is no folder, has the lock's name
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
        // The change under the lock stands even if its release fails, because the next holder clears the lock folder.
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
  /** Whether another holder has taken the lock meanwhile, as after a long sleep of this machine. */
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
