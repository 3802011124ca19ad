import path from 'node:path';
import { isYoung, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { temporaryName } from '../../host/files/temporary-file.js';
import { isSameAttachment, type AttachmentKey } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { FaultyRecord } from '../../network/dependencies/attachments.js';
import type { FileProblem } from '../../network/dependencies/stored-network.js';
import type { Verdict } from '../folder/folder-contents.js';
import { SharedLook } from '../folder/shared-look.js';
import { TrackedFolder } from '../folder/tracked-folder.js';
import { AttachmentTable } from './attachment-table.js';
import { CacheEntryError, decodeCacheEntry, toAttachment, type CacheEntry } from './cache-entry.js';
import { cacheFileName } from './entry-faults.js';

/** Bytes: a cache file holds a conflist of at most 16 MiB in base64, and a result. */
const limitBytes = 32 * 1024 * 1024;

/**
 * One result cache of libcni, and the only reader of its files: it reads each file that another program changed once, at the next look, and holds
 * the attachments. Changes that podnetd makes and reports show at once.
 */
export class ResultCache {
  /** Absolute path of the folder with a file for each attachment. */
  readonly folder: string;
  readonly #table = new AttachmentTable();
  readonly #faults = new Map<string, FaultyRecord>();
  readonly #withheld = new Map<string, string>();
  readonly #temporary = new Set<string>();
  readonly #tracked: TrackedFolder;
  readonly #looking: SharedLook;

  constructor(
    /** Path, as libcni's CacheDir. */
    cacheDir: string,
    private readonly files: Files,
    /** Receives each file that holds no valid attachment, once. */
    private readonly onProblem: (problem: FileProblem) => void = () => undefined,
  ) {
    this.folder = path.join(cacheDir, 'results');
    this.#tracked = new TrackedFolder(this.folder, files, {
      limitBytes,
      concerns: (fileName) => !temporaryName.test(fileName),
      passOver: (fileName) => void this.#temporary.add(fileName),
      take: (fileName, found) => this.#take(fileName, found),
      drop: (fileName) => this.#drop(fileName),
    });
    this.#looking = new SharedLook(() => this.look(), this.#tracked);
  }

  /** The attachments, those with a dead namespace too. */
  get table(): Pick<AttachmentTable, 'all' | 'ofNetwork' | 'ofContainer'> {
    return this.#table;
  }

  /** Files that hold no valid attachment, by file name. */
  get faults(): ReadonlyMap<string, FaultyRecord> {
    return this.#faults;
  }

  /** Why files that exist cannot be read now, by file name. */
  get withheld(): ReadonlyMap<string, string> {
    return this.#withheld;
  }

  /** Whether a process may have died while it wrote a file. */
  get mayHaveUnborn(): boolean {
    return this.#temporary.size > 0;
  }

  /** Takes in every change before the call. Calls that one poll serves share one look. @throws NetworkError storage */
  async refresh(): Promise<void> {
    await this.#looking.run();
  }

  /** Takes in every change before the last poll of the event loop. @throws NetworkError storage */
  look(): void {
    this.#tracked.refresh();
    for (const fileName of this.#temporary) {
      if (!this.files.exists(path.join(this.folder, fileName))) this.#temporary.delete(fileName);
    }
  }

  /**
   * The entry of an attachment as its file is now. podnetd does not keep entries, because each has the text of a conflist.
   *
   * @returns undefined for a file of another kind, which belongs to another program
   * @throws NetworkError storage for an unreadable file; busy while another program writes it
   */
  find(key: AttachmentKey): CacheEntry | undefined {
    const fileName = cacheFileName(key);
    const target = path.join(this.folder, fileName);
    const found = this.files.read(target, limitBytes);
    if (found === undefined) return undefined;
    if ('problem' in found) {
      if (found.isWithheld) throw withheldError(target, found.problem);
      return undefined;
    }
    try {
      const entry = decodeCacheEntry(found.text, fileName);
      // Two attachments may share a file name.
      return isSameAttachment(entry, key) ? entry : undefined;
    } catch (error) {
      if (!(error instanceof CacheEntryError)) throw error;
      if (!isHalfWritten(error, found.stamp)) return undefined;
      throw new NetworkError('containerBusy', { container: key.containerId, network: key.networkName });
    }
  }

  /** Takes in an entry that podnetd has written. The next look reads its file, because another program may have changed it since. */
  put(entry: CacheEntry): void {
    const fileName = cacheFileName(entry);
    this.#drop(fileName);
    this.#table.put(fileName, toAttachment(entry));
    this.#tracked.distrust(fileName);
  }

  /** Drops an entry whose file podnetd has removed. The next look reads a file that another program has put there since. */
  remove(key: AttachmentKey): void {
    const fileName = cacheFileName(key);
    this.#drop(fileName);
    this.#tracked.distrust(fileName);
  }

  close(): void {
    this.#tracked.close();
  }

  #take(fileName: string, found: ReadOutcome): Verdict {
    if ('problem' in found) {
      if (found.isWithheld) this.#withheld.set(fileName, found.problem);
      else this.#withheld.delete(fileName);
      return this.#reject(fileName, found.problem);
    }
    this.#withheld.delete(fileName);
    try {
      this.#table.put(fileName, toAttachment(decodeCacheEntry(found.text, fileName)));
      this.#faults.delete(fileName);
      return 'taken';
    } catch (error) {
      if (!(error instanceof CacheEntryError)) return this.#reject(fileName, String(error));
      return isHalfWritten(error, found.stamp) ? 'unfinished' : this.#reject(fileName, error.message, error.claim);
    }
  }

  #reject(fileName: string, reason: string, claim?: AttachmentKey): Verdict {
    this.#table.remove(fileName);
    const problem = { path: path.join(this.folder, fileName), reason, line: undefined };
    const isKnown = this.#faults.get(fileName)?.reason === reason;
    this.#faults.set(fileName, { ...problem, claim });
    if (!isKnown) this.onProblem(problem);
    return 'refused';
  }

  #drop(fileName: string): void {
    this.#table.remove(fileName);
    this.#faults.delete(fileName);
    this.#withheld.delete(fileName);
  }
}

/** The error for a file that must not be taken for a missing one. */
export function withheldError(target: string, reason: string): NetworkError {
  return new NetworkError('storageFailed', { path: target, operation: 'open', reason });
}

/** libcni writes in place, and a part of a JSON object is no JSON; a file that stays like this has lost its writer. */
function isHalfWritten({ cause }: CacheEntryError, stamp: FileStamp): boolean {
  return cause instanceof SyntaxError && isYoung(stamp);
}
