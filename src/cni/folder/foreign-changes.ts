import path from 'node:path';
import { isSameInode, isSameStamp, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { isShortage } from '../../host/native-error.js';
import { isOver, isOwnTemporary, isSetAside, temporaryName } from '../../host/files/temporary-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import { readName } from '../conflist/structure.js';
import { DecodeError, parseObject } from '../conflist/file-fault.js';
import { maxFileBytes } from './configuration-files.js';

/** The content of a file that goes, and its name until then. */
interface Former {
  readonly fileName: string;
  readonly found: ReadOutcome;
}

/** A file under a temporary name. */
interface Mark {
  readonly stamp: FileStamp;
  /** From the first time that it is asked for. */
  former?: Former | undefined;
  /** No change is under way with it: its name says so, or it was there while no process was changing the folder. */
  isLeft: boolean;
}

/**
 * Changes that another podnetd has begun in the folder and that may not be durable yet. While it is at one, a temporary name has the file
 * that comes, or the file that goes; see host/files/name-change. A name that a dead process left hides nothing: a dead process holds no lock.
 */
export class ForeignChanges {
  readonly #marks = new Map<string, Mark>();

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Whether another process is changing the folder now. */
    readonly isHeldElsewhere: () => boolean,
  ) {}

  /** Temporary names as of the last look, and those that this process could not clear. */
  get names(): readonly string[] {
    return [...this.#marks.keys(), ...this.files.undiscardedIn(this.folder)];
  }

  /** Nothing can be under way. */
  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  /** Looks at a temporary name that came or went; this process knows its own. @throws NetworkError storage for want of descriptors or memory */
  look(fileName: string): void {
    if (isOwnTemporary(fileName)) return;
    const stamp = this.#stampOf(path.join(this.folder, fileName));
    const known = this.#marks.get(fileName);
    if (stamp === undefined) this.#marks.delete(fileName);
    else if (known === undefined || !isSameStamp(stamp, known.stamp))
      this.#marks.set(fileName, { stamp, isLeft: isOver(fileName) });
  }

  /** Undefined also for a folder, and for what cannot be looked at: neither is podnetd's. */
  #stampOf(target: string): FileStamp | undefined {
    if (this.files.isFolder(target)) return undefined;
    try {
      return this.files.stamp(target);
    } catch (error) {
      if (!(error instanceof NetworkError) || isShortage(error.cause)) throw error;
      return undefined;
    }
  }

  /** @param fileNames all that the folder has; temporary names among them are taken in. @throws NetworkError storage */
  reset(fileNames: Iterable<string>): void {
    const present = new Set([...fileNames].filter((fileName) => temporaryName.test(fileName)));
    for (const fileName of this.#marks.keys()) if (!present.has(fileName)) this.#marks.delete(fileName);
    for (const fileName of present) this.look(fileName);
  }

  /** Another process that changes the folder now may have made names whose events have not come in. @throws NetworkError storage */
  catchUp(): void {
    if (this.isHeldElsewhere()) this.reset(this.files.list(this.folder));
  }

  /** Whether a file that is there, or one that was, is being changed; until that is over the file that was counts. */
  concern(found: FileStamp | undefined, known: FileStamp | undefined): boolean {
    return this.#underway(([, { stamp }]) => isSameInode(stamp, found) || isSameContent(stamp, known)).length > 0;
  }

  /** A file that is about to go, for those who have not seen it before. @throws NetworkError storage */
  former(fileName: string): ReadOutcome | undefined {
    return this.#formers((former) => former.fileName === fileName)[0]?.found;
  }

  /** Names of the files that are about to go. @throws NetworkError storage */
  get formerNames(): readonly string[] {
    return this.#formers(() => true).map(({ fileName }) => fileName);
  }

  #formers(isWanted: (former: Former) => boolean): readonly Former[] {
    const marks = this.#underway(([fileName, mark]) => {
      if (!isSetAside(fileName)) return false;
      mark.former ??= this.#read(fileName);
      return mark.former !== undefined && isWanted(mark.former);
    });
    return marks.flatMap(([, { former }]) => former ?? []);
  }

  /** Marks of changes that are under way. */
  #underway(isWanted: (mark: readonly [string, Mark]) => boolean): readonly (readonly [string, Mark])[] {
    const marks = [...this.#marks].filter((mark) => !mark[1].isLeft && isWanted(mark));
    if (marks.length === 0 || this.isHeldElsewhere()) return marks;
    this.leaveAll();
    return [];
  }

  /** No process is changing the folder, so what is marked now is not under way. */
  leaveAll(): void {
    for (const mark of this.#marks.values()) mark.isLeft = true;
  }

  /** podnetd removes files alone that are called after their network. */
  #read(temporary: string): Former | undefined {
    const found = this.files.read(path.join(this.folder, temporary), maxFileBytes);
    const name = found !== undefined && 'text' in found ? nameIn(found.text) : undefined;
    return found === undefined || name === undefined ? undefined : { fileName: `${name}.conflist`, found };
  }
}

/** Whether it is the file that is known: a later one may have been given the same inode. A new name changes the third time. */
function isSameContent(stamp: FileStamp, known: FileStamp | undefined): boolean {
  return isSameInode(stamp, known) && stamp.mtimeNs === known?.mtimeNs && stamp.size === known.size;
}

function nameIn(text: string): string | undefined {
  try {
    return readName(parseObject(text, 'configuration list'));
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
