import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileLocks } from '../own-process/addons.js';
import { syncFolderNow } from './sync-folder.js';

const sync = promisify(fs.fdatasync);

/** Read and write for the owner alone. */
const newMode = 0o600;
const writableByOthers = 0o022;

/** A file that one process alone appends to, and whose lines are there whole or not at all. */
export class AppendFile {
  readonly #fd: number;
  readonly #inode: bigint;
  #size: number;
  #mayHavePiece = false;
  #synced: number;
  /** What no sync has covered. */
  #unsynced: Buffer[] = [];
  /** Whether a sync failed: the kernel reports that once, and the pages count as clean though the disk does not have them. */
  #isDoubtful = false;
  #syncing: Promise<void> | undefined;

  /** Opens a file, or makes it, and locks it. @throws Error whose message says why the file cannot be used; of node:fs, too */
  constructor(private readonly file: string) {
    const {
      O_APPEND,
      O_CREAT,
      O_RDWR,
      O_NOFOLLOW,
      O_NONBLOCK,
      O_CLOEXEC = 0,
    } = fs.constants as typeof fs.constants & {
      readonly O_CLOEXEC?: number;
    };
    const isNew = !fs.existsSync(file);
    this.#fd = fs.openSync(file, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, newMode);
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
        throw new Error('another process, such as a second podnetd, writes to it; give each a file of its own');
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

  /** The last bytes, at most `limit`. @throws Error of node:fs */
  readEnd(limit: number): Buffer {
    const length = Math.min(limit, this.#size);
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, fs.readSync(this.#fd, buffer, 0, length, this.#size - length));
  }

  /** Appends a text; a process that is killed afterwards leaves it whole. @throws Error of node:fs; then nothing was appended */
  append(text: string): void {
    this.#dropPiece();
    if (this.#isDoubtful) this.#writeAgain();
    const bytes = Buffer.from(text);
    this.#write(bytes);
    this.#unsynced.push(bytes);
  }

  /** Makes everything that was appended before durable; calls share a wait for the disk. @throws Error of node:fs */
  async sync(): Promise<void> {
    const until = this.#size;
    while (this.#synced < until) {
      if (this.#syncing === undefined) {
        if (this.#isDoubtful) this.#writeAgain();
        const covered = this.#size;
        const count = this.#unsynced.length;
        this.#syncing = sync(this.#fd)
          .then(
            () => {
              this.#synced = covered;
              this.#unsynced = this.#unsynced.slice(count);
            },
            (error: unknown) => {
              this.#isDoubtful = true;
              throw error;
            },
          )
          .finally(() => {
            this.#syncing = undefined;
          });
      }
      await this.#syncing;
    }
  }

  /** @throws Error of node:fs */
  syncNow(): void {
    fs.fdatasyncSync(this.#fd);
    this.#synced = this.#size;
    this.#unsynced = [];
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #write(bytes: Buffer): void {
    this.#mayHavePiece = true;
    const written = fs.writeSync(this.#fd, bytes);
    if (written < bytes.length) {
      this.#dropPiece();
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    this.#mayHavePiece = false;
    this.#size += bytes.length;
  }

  #writeAgain(): void {
    fs.ftruncateSync(this.#fd, this.#synced);
    this.#size = this.#synced;
    this.#write(Buffer.concat(this.#unsynced));
    this.#isDoubtful = false;
  }

  #dropPiece(): void {
    if (!this.#mayHavePiece) return;
    fs.ftruncateSync(this.#fd, this.#size);
    this.#mayHavePiece = false;
  }
}
