import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { clearUnborn, HeldFile } from '../../host/file-locks/held-file.js';
import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { KnownAttachments } from '../../network/dependencies/runtime.js';
import { encodeCacheEntry, type CacheEntry } from './cache-entry.js';
import { cacheFileName } from './entry-faults.js';
import { withheldError, type ResultCache } from './result-cache.js';

/** The result caches that a runtime acts on: its own, and those of other runtimes, from which podnetd only removes entries. */
export class ResultCaches {
  readonly #all: readonly ResultCache[];

  constructor(
    private readonly files: Files,
    private readonly own: ResultCache,
    others: readonly ResultCache[] = [],
  ) {
    this.#all = [own, ...others];
  }

  /** The attachments of all caches. @throws NetworkError storage */
  async known(): Promise<KnownAttachments> {
    return await lookAt(this.#all);
  }

  /** The attachments that this runtime made. @throws NetworkError storage */
  async knownOwn(): Promise<KnownAttachments> {
    return await lookAt([this.own]);
  }

  /** See {@link ResultCache.find}. @throws NetworkError storage, busy */
  find(key: AttachmentKey): CacheEntry | undefined {
    for (const cache of this.#all) {
      const entry = cache.find(key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** @throws NetworkError storage, busy */
  findOwn(key: AttachmentKey): CacheEntry | undefined {
    return this.own.find(key);
  }

  /**
   * @param staging folder of the file until it is complete, if on the same mount, so that no runtime finds half an entry
   * @throws NetworkError storage, exists
   */
  async add(entry: CacheEntry, staging: string): Promise<void> {
    const { folder } = this.own;
    this.files.makeFolder(folder, 0o700);
    const target = path.join(folder, cacheFileName(entry));
    const file = await HeldFile.make(target, encodeCacheEntry(entry), staging);
    if (file === undefined) throw new NetworkError('fileExists', { path: target });
    file.release();
    this.own.put(entry);
  }

  /** Removes entries whose process died while writing them. @throws NetworkError storage */
  async clearUnborn(): Promise<void> {
    await this.own.refresh();
    if (this.own.mayHaveUnborn) clearUnborn(this.own.folder, this.files);
  }

  /** @throws NetworkError storage, busy */
  async remove(key: AttachmentKey): Promise<void> {
    for (const cache of this.#all) await this.#remove(cache, key);
  }

  /** @throws NetworkError storage, busy */
  async removeOwn(key: AttachmentKey): Promise<void> {
    await this.#remove(this.own, key);
  }

  async #remove(cache: ResultCache, key: AttachmentKey): Promise<void> {
    if (cache.find(key) === undefined) return;
    await this.files.remove(path.join(cache.folder, cacheFileName(key)));
    cache.remove(key);
  }
}

async function lookAt(caches: readonly ResultCache[]): Promise<KnownAttachments> {
  await Promise.all(caches.map(async (cache) => await cache.refresh()));
  return {
    all: () => caches.flatMap((cache) => allOf(cache)),
    ofContainer: (containerId) => caches.flatMap((cache) => allOfContainer(cache, containerId)),
  };
}

function allOf(cache: ResultCache): readonly Attachment[] {
  refuseWithheld(cache, () => true);
  return cache.table.all();
}

function allOfContainer(cache: ResultCache, containerId: string): readonly Attachment[] {
  refuseWithheld(cache, (fileName) => fileName.includes(`-${containerId}-`));
  return cache.table.ofContainer(containerId);
}

/** @throws NetworkError storage, because a file that cannot be read may hold an attachment that the caller must know */
function refuseWithheld({ folder, withheld }: ResultCache, concerns: (fileName: string) => boolean): void {
  for (const [fileName, reason] of withheld) {
    if (concerns(fileName)) throw withheldError(path.join(folder, fileName), reason);
  }
}
