import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameStamp, isSettling, type FileStamp } from '../host/file-stamp.js';
import type { Files } from '../host/files.js';
import { clearUnborn, HeldFile } from '../host/held-file.js';
import { NetworkError } from '../model/errors.js';
import { decodeIntent, encodeIntent, type Intent } from './intent.js';
import { cacheFileName } from './result-cache.js';

/** An intent has what a cache file will have. */
const limitBytes = 32 * 1024 * 1024;
/** Between two looks at work that a plugin of a dead process may still be at. */
const lookAgainMs = 20;

/** Intents as they are on disk, named as the cache files that they are about. */
export class IntentFolder {
  #listed: { readonly stamp: FileStamp; readonly names: readonly string[] } | undefined;

  constructor(
    readonly folder: string,
    private readonly files: Files,
  ) {}

  /** @throws NetworkError busy, storage */
  async hold(intent: Intent): Promise<HeldFile> {
    this.files.makeFolder(this.folder, 0o700);
    const held = await HeldFile.make(path.join(this.folder, cacheFileName(intent.entry)), encodeIntent(intent));
    if (held !== undefined) return held;
    const { networkName: network, containerId: container } = intent.entry;
    throw new NetworkError('containerBusy', { container, network });
  }

  /** By file name. Most of the time there are none, which the time of the folder tells. @throws NetworkError storage */
  list(): ReadonlyMap<string, Intent> {
    return new Map(
      this.#names().flatMap((fileName) => {
        const intent = this.#read(fileName);
        return intent === undefined ? [] : [[fileName, intent] as const];
      }),
    );
  }

  /**
   * Takes one over that nobody is at work on.
   *
   * @param timeoutMs how long those who are at work are waited for
   * @returns undefined when it is gone, or still worked on
   * @throws NetworkError storage
   */
  async seize(fileName: string, timeoutMs: number): Promise<HeldFile | undefined> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const held = HeldFile.seize(path.join(this.folder, fileName));
      if (held === 'gone') return undefined;
      if (held !== undefined || performance.now() > until) return held;
      await sleep(lookAgainMs);
    }
  }

  /** Those that were being written when their process died. @throws NetworkError storage */
  clearUnborn(): void {
    clearUnborn(this.folder, this.files);
  }

  #names(): readonly string[] {
    const stamp = this.files.stamp(this.folder);
    if (stamp === undefined) return [];
    const known = this.#listed;
    if (known !== undefined && isSameStamp(known.stamp, stamp)) return known.names;
    const names = this.files.list(this.folder).filter((fileName) => !fileName.startsWith('.'));
    // A folder that was changed just now may be changed again without another time.
    this.#listed = isSettling(stamp) ? undefined : { stamp, names };
    return names;
  }

  #read(fileName: string): Intent | undefined {
    const text = this.files.readText(path.join(this.folder, fileName), limitBytes);
    if (text === undefined) return undefined;
    try {
      return decodeIntent(text);
    } catch {
      return undefined;
    }
  }
}
