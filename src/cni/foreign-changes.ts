import path from 'node:path';
import type { Files } from '../host/files.js';
import type { FileStamp } from '../host/file-stamp.js';

/**
 * Changes that another podnetd has begun in the folder and that may not be durable yet. While it is at one, a temporary name has the file
 * that comes, or the file that goes; see host/name-change. What was left by a dead process holds nothing up: it held no lock.
 */
export class ForeignChanges {
  /** Inodes of the files that have temporary names. */
  readonly #inodes = new Map<string, bigint>();

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Whether another process is changing the folder now. */
    private readonly isHeldElsewhere: () => boolean,
  ) {}

  /** Temporary names as of the last look. */
  get names(): readonly string[] {
    return [...this.#inodes.keys()];
  }

  /** Nothing can be under way. */
  get isEmpty(): boolean {
    return this.#inodes.size === 0;
  }

  /** Looks at a temporary name that came or went. @throws NetworkError storage */
  look(fileName: string): void {
    const stamp = this.files.stamp(path.join(this.folder, fileName));
    if (stamp === undefined) this.#inodes.delete(fileName);
    else this.#inodes.set(fileName, stamp.inode);
  }

  /** Takes in all temporary names that the folder has. @throws NetworkError storage */
  reset(fileNames: Iterable<string>): void {
    this.#inodes.clear();
    for (const fileName of fileNames) this.look(fileName);
  }

  /** Whether a file that is there, or one that was, is being changed; until that is over the file that was counts. */
  concern(found: FileStamp | undefined, known: FileStamp | undefined): boolean {
    const isMarked = [...this.#inodes.values()].some((inode) => inode === found?.inode || inode === known?.inode);
    return isMarked && this.isHeldElsewhere();
  }
}
