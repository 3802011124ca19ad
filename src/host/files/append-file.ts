import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileLocks } from '../own-process/addons.js';
import { readEnd, type FileEnd } from './file-lines.js';
import { syncFolderNow } from './sync-folder.js';

const sync = promisify(fs.fdatasync);

/** Read and write for the owner alone. */
const newMode = 0o600;
const writableByOthers = 0o022;

/** Bytes that were appended, and the size of the file behind them. */
interface Appended {
  readonly bytes: Buffer;
  readonly end: number;
}

/** A file that one process alone appends to, and whose lines are there whole or not at all. */
export class AppendFile {
  readonly #fd: number;
  readonly #inode: bigint;
  #size: number;
  #mayHavePiece = false;
  /** Up to where the disk has the file. */
  #synced: number;
  #unsynced: readonly Appended[] = [];
  /** Whether a sync failed: the kernel reports that once, and the pages count as clean though the disk does not have them. */
  #isDoubtful = false;
  #syncing: Promise<void> | undefined;

  /** Opens a file, or makes it, and locks it. @throws Error whose message says why the file cannot be used; of node:fs, too */
  constructor(private readonly file: string) {
    const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    const isNew = !fs.existsSync(file);
    this.#fd = fs.openSync(file, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK, newMode);
    try {
      const stats = fs.fstatSync(this.#fd, { bigint: true });
      const { mode, uid, nlink } = stats;
      if (!stats.isFile()) throw new Error('not a plain file; name another, or take it away');
      if (Number(uid) !== process.geteuid?.())
        throw new Error(`it belongs to the user ${uid}; give it to podnetd's: chown`);
      if ((Number(mode) & writableByOthers) !== 0)
        throw new Error('other users may write to it; take that right away: chmod go-w');
      if (nlink > 1n) throw new Error('it has another name too (a hard link); take one away');
      if (!fileLocks().tryLock(this.#fd))
        throw new Error(
          'another process, such as a second podnetd, writes to it; wait for its end, or give each a file of its own',
        );
      this.#inode = stats.ino;
      this.#size = Number(stats.size);
      this.#synced = this.#size;
      if (isNew) syncFolderNow(path.dirname(file));
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Whether the path still leads to this file. */
  get isCurrent(): boolean {
    const now = fs.lstatSync(this.file, { bigint: true, throwIfNoEntry: false });
    return now?.ino === this.#inode;
  }

  /** Whether the file has lost its name, also by the removal of its folder: no other process finds what is appended. */
  get isDeleted(): boolean {
    return fs.fstatSync(this.#fd).nlink === 0;
  }

  /** The last bytes, at most `limit`. @throws Error of node:fs */
  readEnd(limit: number): FileEnd {
    return readEnd(this.#fd, limit);
  }

  /** Appends a text; a process that is killed afterwards leaves it whole. @throws Error of node:fs; then nothing was appended */
  append(text: string): void {
    this.#dropPiece();
    if (this.#isDoubtful) this.#writeAgain();
    const bytes = Buffer.from(text);
    this.#write(bytes);
    this.#unsynced = [...this.#unsynced, { bytes, end: this.#size }];
  }

  /** Makes everything that was appended before durable; calls share a wait for the disk. @throws Error of node:fs */
  async sync(): Promise<void> {
    const until = this.#size;
    while (this.#synced < until) {
      this.#syncing ??= this.#syncAll().finally(() => {
        this.#syncing = undefined;
      });
      await this.#syncing;
    }
  }

  /** @throws Error of node:fs */
  syncNow(): void {
    if (this.#isDoubtful) this.#writeAgain();
    fs.fdatasyncSync(this.#fd);
    this.#noteSynced(this.#size);
  }

  /** Closes the file, behind a wait for the disk that is under way. */
  close(): void {
    const end = () => fs.closeSync(this.#fd);
    if (this.#syncing === undefined) end();
    else this.#syncing.then(end, end);
  }

  async #syncAll(): Promise<void> {
    if (this.#isDoubtful) this.#writeAgain();
    const covered = this.#size;
    try {
      await sync(this.#fd);
    } catch (error) {
      this.#isDoubtful = true;
      throw error;
    }
    this.#noteSynced(covered);
  }

  #noteSynced(covered: number): void {
    this.#synced = Math.max(this.#synced, covered);
    this.#unsynced = this.#unsynced.filter(({ end }) => end > covered);
  }

  #write(bytes: Buffer): void {
    this.#mayHavePiece = true;
    try {
      // The call behind a short one has the error.
      for (let written = 0; written < bytes.length;) written += fs.writeSync(this.#fd, bytes, written);
    } catch (error) {
      try {
        this.#dropPiece();
      } catch {
        // The next append tries again.
      }
      throw error;
    }
    this.#mayHavePiece = false;
    this.#size += bytes.length;
  }

  #writeAgain(): void {
    fs.ftruncateSync(this.#fd, this.#synced);
    this.#size = this.#synced;
    this.#write(Buffer.concat(this.#unsynced.map(({ bytes }) => bytes)));
    this.#isDoubtful = false;
  }

  #dropPiece(): void {
    if (!this.#mayHavePiece) return;
    fs.ftruncateSync(this.#fd, this.#size);
    this.#mayHavePiece = false;
  }
}
