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

/** Bytes, as of a cache file: an intent holds the entry that the file will have. */
const limitBytes = 32 * 1024 * 1024;
/** Between two looks at an intent that a plugin of a dead process may still hold. */
const lookAgainMs = 20;

/** The intents on disk, each named as the cache file that it makes or removes. */
export class IntentFolder {
  readonly #problems = new Map<string, FileProblem>();
  #listed: { readonly stamp: FileStamp; readonly names: readonly string[] } | undefined;

  constructor(
    readonly folder: string,
    private readonly files: Files,
    /** Receives each file that is no intent, once. */
    private readonly onProblem: (problem: FileProblem) => void = () => undefined,
  ) {}

  /** Writes an intent and holds it. @throws NetworkError busy when there is one; storage, also for a file in the way that is no intent */
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

  /** The intents, by file name; the names are listed again only if the stamp of the folder changed. @throws NetworkError storage */
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

  /** Files that are no intents; podnetd neither acts on them nor removes them. @throws NetworkError storage */
  problems(): readonly FileProblem[] {
    this.list();
    return [...this.#problems.values()];
  }

  /**
   * Takes over an intent whose process and plugins have ended.
   *
   * @param timeoutMs how long to wait for plugins that still run
   * @returns undefined when the intent is gone or still held
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

  /** Removes intents whose process died while writing them. @throws NetworkError storage */
  clearUnborn(): void {
    clearUnborn(this.folder, this.files);
  }

  #names(): readonly string[] {
    const stamp = this.files.stamp(this.folder);
    if (stamp === undefined) return [];
    const known = this.#listed;
    if (known !== undefined && isSameStamp(known.stamp, stamp)) return known.names;
    const names = this.files.list(this.folder).filter((fileName) => !fileName.startsWith('.'));
    // A folder that changed just now may change again without another stamp.
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
