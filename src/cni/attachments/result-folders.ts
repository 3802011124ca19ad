import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { clearUnborn, HeldFile } from '../../host/file-locks/held-file.js';
import { temporaryName } from '../../host/files/temporary-file.js';
import type { AttachmentKey } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import { cacheFileName, isSameAttachment } from './entry-faults.js';
import { CacheEntryError, decodeCacheEntry, encodeCacheEntry, type CacheEntry } from './cache-entry.js';

/** A conflist has at most 16 MiB; a cache file has it in base64, with a result. */
const limitBytes = 32 * 1024 * 1024;

/** libcni's result cache as it is on disk: this runtime's own, and those of others, out of which it only takes away. */
export class ResultFolders {
  readonly #own: string;
  readonly #all: readonly string[];

  constructor(
    private readonly files: Files,
    cacheDir: string,
    otherCacheDirs: readonly string[],
  ) {
    this.#own = path.join(cacheDir, 'results');
    this.#all = [cacheDir, ...otherCacheDirs].map((dir) => path.join(dir, 'results'));
  }

  /** Every entry, or those of a container. @throws NetworkError storage */
  list(containerId?: string): readonly CacheEntry[] {
    return this.#all.flatMap((folder) => this.#list(folder, containerId));
  }

  /** Those that this runtime made. @throws NetworkError storage */
  listOwn(): readonly CacheEntry[] {
    return this.#list(this.#own);
  }

  find(key: AttachmentKey): CacheEntry | undefined {
    for (const folder of this.#all) {
      const entry = this.#find(folder, key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  findOwn(key: AttachmentKey): CacheEntry | undefined {
    return this.#find(this.#own, key);
  }

  /**
   * @param staging where it is until it is whole, if it can be: half a file is not left where every runtime of the host looks
   * @throws NetworkError storage, exists
   */
  async add(entry: CacheEntry, staging: string): Promise<void> {
    this.files.makeFolder(this.#own, 0o700);
    const target = path.join(this.#own, cacheFileName(entry));
    const file = await HeldFile.make(target, encodeCacheEntry(entry), staging);
    if (file === undefined) throw new NetworkError('fileExists', { path: target });
    file.release();
  }

  /** Entries that were being written here when their process died. @throws NetworkError storage */
  clearUnborn(): void {
    clearUnborn(this.#own, this.files);
  }

  /** @throws NetworkError storage */
  async remove(key: AttachmentKey): Promise<void> {
    for (const folder of this.#all) await this.#remove(folder, key);
  }

  /** @throws NetworkError storage */
  async removeOwn(key: AttachmentKey): Promise<void> {
    await this.#remove(this.#own, key);
  }

  async #remove(folder: string, key: AttachmentKey): Promise<void> {
    if (this.#find(folder, key) !== undefined) await this.files.remove(path.join(folder, cacheFileName(key)));
  }

  /** Two attachments may share the name of a file. */
  #find(folder: string, key: AttachmentKey): CacheEntry | undefined {
    const entry = this.#read(folder, cacheFileName(key));
    return entry !== undefined && isSameAttachment(entry, key) ? entry : undefined;
  }

  #list(folder: string, containerId?: string): readonly CacheEntry[] {
    return this.files.list(folder).flatMap((fileName) => {
      if (temporaryName.test(fileName)) return [];
      if (containerId !== undefined && !fileName.includes(`-${containerId}-`)) return [];
      const entry = this.#read(folder, fileName);
      if (entry === undefined || (containerId !== undefined && entry.containerId !== containerId)) return [];
      return [entry];
    });
  }

  /** Files of other kinds are somebody else's. @throws NetworkError storage when it cannot be told what there is */
  #read(folder: string, fileName: string): CacheEntry | undefined {
    const text = this.files.readText(path.join(folder, fileName), limitBytes);
    if (text === undefined) return undefined;
    try {
      return decodeCacheEntry(text, fileName);
    } catch (error) {
      if (error instanceof CacheEntryError) return undefined;
      throw error;
    }
  }
}
