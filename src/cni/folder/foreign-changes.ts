import path from 'node:path';
import { isSameInode, isSameStamp, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { isShortage } from '../../host/native-error.js';
import { isOver, isOwnTemporary, isSetAside, temporaryName, wayOutFor } from '../../host/files/temporary-file.js';
import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import { readName } from '../conflist/structure.js';
import { DecodeError, parseObject } from '../conflist/file-fault.js';

/** A file that another podnetd is removing: its name before, and its content. */
interface Former {
  readonly fileName: string;
  readonly found: ReadOutcome;
}

/** A file under a temporary name. */
interface Mark {
  readonly stamp: FileStamp;
  /** The removed file; read on first use. */
  former?: Former | undefined;
  /** True when no change is under way with it: its name says so, or no process was changing the folder while it existed. */
  isLeft: boolean;
}

/**
 * Changes of the folder that another podnetd has begun and that may not be durable yet. During a change a temporary name has the new file or
 * the old one; see host/files/name-change. A dead process holds no lock, so a name that it left hides nothing.
 */
export class ForeignChanges {
  readonly #marks = new Map<string, Mark>();

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Whether another process is changing the folder now. */
    readonly isHeldElsewhere: () => boolean,
  ) {}

  /** Temporary names as of the last look, and names that this process could not clear. */
  get names(): readonly string[] {
    return [...this.#marks.keys(), ...this.files.undiscardedIn(this.folder)];
  }

  /** True when no change can be under way. */
  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  /** Takes in a temporary name of another process that appeared or vanished. @throws NetworkError storage for lack of descriptors or memory */
  look(fileName: string): void {
    if (isOwnTemporary(fileName)) return;
    const stamp = this.#stampOf(path.join(this.folder, fileName));
    const known = this.#marks.get(fileName);
    if (stamp === undefined) this.#marks.delete(fileName);
    else if (known === undefined || !isSameStamp(stamp, known.stamp))
      this.#marks.set(fileName, { stamp, isLeft: isOver(fileName) });
  }

  /** Undefined also for a folder and for an unreadable name, because podnetd makes neither. */
  #stampOf(target: string): FileStamp | undefined {
    if (this.files.isFolder(target)) return undefined;
    try {
      return this.files.stamp(target);
    } catch (error) {
      if (!(error instanceof NetworkError) || isShortage(error.cause)) throw error;
      return undefined;
    }
  }

  /** Takes in the temporary names among all names of the folder. @throws NetworkError storage */
  reset(fileNames: Iterable<string>): void {
    const present = new Set([...fileNames].filter((fileName) => temporaryName.test(fileName)));
    for (const fileName of this.#marks.keys()) if (!present.has(fileName)) this.#marks.delete(fileName);
    for (const fileName of present) this.look(fileName);
  }

  /** Lists the folder while another process changes it, because the events of its names may still be under way. @throws NetworkError storage */
  catchUp(): void {
    if (this.isHeldElsewhere()) this.reset(this.files.list(this.folder));
  }

  /** Whether another podnetd is putting this file in its place: until the change is done the file before counts, or none. */
  isComing(found: FileStamp | undefined): boolean {
    const isFound = ([, { stamp }]: readonly [string, Mark]) => isSameInode(stamp, found);
    // The events of a replacement may still be under way: it marks the former file before it exchanges the names, and discards the mark last.
    for (const [fileName] of this.#underway(isFound)) {
      this.look(wayOutFor(fileName));
      this.look(fileName);
    }
    return this.#underway(isFound).length > 0;
  }

  /** Whether another podnetd is taking this file away: until the change is done it counts. */
  isGoing(known: FileStamp | undefined): boolean {
    return this.#underway(([, { stamp }]) => isSameContent(stamp, known)).length > 0;
  }

  /** Content of a file that is being removed or replaced, for a reader that has not read it before. @throws NetworkError storage */
  former(fileName: string): ReadOutcome | undefined {
    return this.#formers((former) => former.fileName === fileName)[0]?.found;
  }

  /** Names of the files that are being removed. @throws NetworkError storage */
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

  /** Marks every name as left, because no process is changing the folder. */
  leaveAll(): void {
    for (const mark of this.#marks.values()) mark.isLeft = true;
  }

  /** Undefined for text without a network's name: podnetd removes only files that are named after their network. */
  #read(temporary: string): Former | undefined {
    const found = this.files.read(path.join(this.folder, temporary), bounds.fileBytes);
    const name = found !== undefined && 'text' in found ? nameIn(found.text) : undefined;
    return found === undefined || name === undefined ? undefined : { fileName: `${name}.conflist`, found };
  }
}

/** Whether the content is the known one: a later file may have the same inode, and a rename changes ctime alone. */
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
