import path from 'node:path';
import { isSameInode, type FileStamp } from '../host/file-stamp.js';
import type { Files } from '../host/files.js';
import { isSetAside } from '../host/temporary-file.js';

/**
 * Changes that another podnetd has begun in the folder and that may not be durable yet. While it is at one, a temporary name has the file
 * that comes, or the file that goes; see host/name-change. What was left by a dead process holds nothing up: it held no lock.
 */
export class ForeignChanges {
  /** Of the files that have temporary names. */
  readonly #stamps = new Map<string, FileStamp>();

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Whether another process is changing the folder now. */
    private readonly isHeldElsewhere: () => boolean,
  ) {}

  /** Temporary names as of the last look. */
  get names(): readonly string[] {
    return [...this.#stamps.keys()];
  }

  /** Nothing can be under way. */
  get isEmpty(): boolean {
    return this.#stamps.size === 0;
  }

  /** Looks at a temporary name that came or went. @throws NetworkError storage */
  look(fileName: string): void {
    const stamp = this.files.stamp(path.join(this.folder, fileName));
    if (stamp === undefined) this.#stamps.delete(fileName);
    else this.#stamps.set(fileName, stamp);
  }

  /** Takes in all temporary names that the folder has. @throws NetworkError storage */
  reset(fileNames: Iterable<string>): void {
    this.#stamps.clear();
    for (const fileName of fileNames) this.look(fileName);
  }

  /** Whether a file that is there, or one that was, is being changed; until that is over the file that was counts. */
  concern(found: FileStamp | undefined, known: FileStamp | undefined): boolean {
    const isMarked = [...this.#stamps].some(([fileName, stamp]) =>
      isSetAside(fileName) ? isSameContent(stamp, known) : isSameInode(stamp, found),
    );
    return isMarked && this.isHeldElsewhere();
  }
}

/** Whether it is the file that is known: a later one may have been given the same inode. A new name changes the third time. */
function isSameContent(stamp: FileStamp, known: FileStamp | undefined): boolean {
  return isSameInode(stamp, known) && stamp.mtimeNs === known?.mtimeNs && stamp.size === known.size;
}
