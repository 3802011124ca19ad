import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameStamp, isSettling, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import { clearUnborn, HeldFile } from '../../host/file-locks/held-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { FileProblem } from '../../network/dependencies/stored-network.js';
import { decodeIntent, encodeIntent, type Intent } from './intent.js';
import { cacheFileName } from '../attachments/entry-faults.js';
import { CacheEntryError } from '../attachments/cache-entry.js';

/** An intent has what a cache file will have. */
const limitBytes = 32 * 1024 * 1024;
/** Between two looks at work that a plugin of a dead process may still be at. */
const lookAgainMs = 20;

/** Intents as they are on disk, named as the cache files that they are about. */
export class IntentFolder {
  readonly #problems = new Map<string, FileProblem>();
  #listed: { readonly stamp: FileStamp; readonly names: readonly string[] } | undefined;

  constructor(
    readonly folder: string,
    private readonly files: Files,
    /** Given each file that is no intent, once. */
    private readonly onProblem: (problem: FileProblem) => void = () => undefined,
  ) {}

  /** @throws NetworkError busy, storage, also for a file in the way that is no intent */
  async hold(intent: Intent): Promise<HeldFile> {
    this.files.makeFolder(this.folder, 0o700);
    const fileName = cacheFileName(intent.entry);
    const held = await HeldFile.make(path.join(this.folder, fileName), encodeIntent(intent));
    if (held !== undefined) return held;
    this.#read(fileName);
    const fault = this.#problems.get(fileName);
    if (fault !== undefined)
      throw new NetworkError('storageFailed', { path: fault.path, operation: 'read', reason: fault.reason });
    const { networkName: network, containerId: container } = intent.entry;
    throw new NetworkError('containerBusy', { container, network });
  }

  /** By file name. Most of the time there are none, which the time of the folder tells. @throws NetworkError storage */
  list(): ReadonlyMap<string, Intent> {
    const names = this.#names();
    if (this.#problems.size > 0) this.#forgetProblemsBut(new Set(names));
    return new Map(
      names.flatMap((fileName) => {
        const intent = this.#read(fileName);
        return intent === undefined ? [] : [[fileName, intent] as const];
      }),
    );
  }

  /** Files that are no intents: nothing is done by them, and nothing clears them. @throws NetworkError storage */
  problems(): readonly FileProblem[] {
    this.list();
    return [...this.#problems.values()];
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
    const target = path.join(this.folder, fileName);
    const text = this.files.readText(target, limitBytes);
    try {
      const intent = text === undefined ? undefined : decodeIntent(text, fileName);
      this.#problems.delete(fileName);
      return intent;
    } catch (error) {
      if (!(error instanceof CacheEntryError)) throw error;
      this.#refuse(fileName, { path: target, reason: error.message, line: undefined });
      return undefined;
    }
  }

  #refuse(fileName: string, problem: FileProblem): void {
    const isKnown = this.#problems.get(fileName)?.reason === problem.reason;
    this.#problems.set(fileName, problem);
    if (!isKnown) this.onProblem(problem);
  }

  #forgetProblemsBut(names: ReadonlySet<string>): void {
    for (const fileName of this.#problems.keys()) if (!names.has(fileName)) this.#problems.delete(fileName);
  }
}
