import path from 'node:path';
import { isSameState, isSettling, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import { temporaryName } from '../../host/files/temporary-file.js';
import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import { visitChunksInShares } from '../../model/in-shares.js';
import type { ForeignChanges } from './foreign-changes.js';
import { StampSweep } from './stamp-sweep.js';
import type { FolderContents, Verdict } from './folder-contents.js';
import { WatchedNames } from './watched-names.js';

/** One look at a file. */
interface Look {
  readonly fileName: string;
  /** Undefined when there is no file. */
  readonly stamp: FileStamp | undefined;
  /** True when the stamp is not that of the last read. */
  readonly isNew: boolean;
}

/** Looks at a file that another podnetd keeps changing; after these the file waits for the next use. */
const mostLooks = 3;

/** Files that are looked at together, so that they share one look for changes of another podnetd. */
const chunkFiles = 100;

/**
 * A folder whose contents are refreshed at each use: inotify reports the names that changed, and without inotify every file's stamp is
 * compared. The folder may be missing, come late, and be replaced.
 */
export class TrackedFolder {
  readonly #stamps = new Map<string, FileStamp>();
  /** Files that are read at every use, because their next change may alter no stamp and make no event. */
  readonly #unsettled = new Set<string>();
  /** Files that were read while young, because another change within one tick of the clock has the same stamp. */
  readonly #hasty = new Set<string>();
  /** Files that the caller is changing; their events count when the change is over. */
  readonly #underway = new Set<string>();
  /** Names that are mount points; undefined when they must be read again. */
  #mounted: ReadonlySet<string> | undefined;
  readonly #sweep = new StampSweep((fileName) => this.#compare(fileName));
  readonly #watched: WatchedNames;

  constructor(
    readonly folder: string,
    private readonly files: Files,
    private readonly contents: FolderContents,
    /** Present for a folder that several podnetds change, and people, who may link files and mount over them. */
    private readonly foreign?: ForeignChanges,
  ) {
    this.#watched = new WatchedNames(folder, files, () => contents.stir?.());
  }

  /** Whether a refresh would read all files in one turn of the event loop; {@link readFirst} reads them in several. */
  get isUnread(): boolean {
    return !this.#watched.isWatching && this.#stamps.size === 0;
  }

  /** Reads the files of a folder that is unread, with turns for other work. The next refresh takes in what has changed meanwhile. @throws NetworkError storage */
  async readFirst(): Promise<void> {
    const stamp = this.files.stamp(this.folder);
    const end = stamp && this.#watched.beginScan(stamp);
    if (end === undefined) return;
    await visitChunksInShares([...this.#list()], chunkFiles, (fileNames) => this.#look(fileNames));
    end();
  }

  /** Takes in every change of the folder before the last poll of the event loop, see {@link SharedLook}. @throws NetworkError storage */
  refresh(): void {
    const stamp = this.files.stamp(this.folder);
    if (stamp === undefined) return this.#empty();
    this.#watched.use(stamp, () => this.#scan());
    if (this.#watched.isWatching && this.foreign !== undefined) this.#sweep.begin(() => this.#stamps.keys());
    const { changed } = this.#watched;
    const names = new Set([...changed, ...this.#unsettled]);
    // Temporary names come first, because they decide which content of a file counts.
    for (const fileName of names) if (temporaryName.test(fileName)) this.foreign?.look(fileName);
    this.#look(names);
    changed.clear();
    for (const fileName of this.#underway) if (names.has(fileName)) changed.add(fileName);
  }

  /** Begins a change: until {@link TrackedFolder.endChange} the caller reports these files by `learn` and `forget`. */
  beginChange(fileNames: Iterable<string>): void {
    for (const fileName of fileNames) this.#underway.add(fileName);
  }

  /** Ends a change; the next refresh looks at its files. */
  endChange(): void {
    for (const fileName of this.#underway) this.#watched.changed.add(fileName);
    this.#underway.clear();
  }

  /** The stamp with which a file was read last. */
  stampOf(fileName: string): FileStamp | undefined {
    return this.#stamps.get(fileName);
  }

  /**
   * Notes the state of a file whose content the caller has. The next refresh looks at the file once more, because another program may have
   * changed it since and its event may be spent.
   */
  learn(fileName: string, stamp: FileStamp): void {
    this.#note(fileName, stamp, 'taken');
    this.#watched.changed.add(fileName);
  }

  /** Drops a file that the caller removed. The next refresh looks at the name once more, as after `learn`. */
  forget(fileName: string): void {
    this.#drop(fileName);
    this.#watched.changed.add(fileName);
  }

  /** Has the next refresh read a file that the caller wrote or removed by itself, whatever its stamp and its events say. */
  distrust(fileName: string): void {
    this.#unsettled.add(fileName);
  }

  close(): void {
    this.#watched.close();
  }

  /** Drops every file, because there is no folder. */
  #empty(): void {
    this.#watched.reset();
    for (const fileName of this.#stamps.keys()) this.#drop(fileName);
    for (const fileName of this.#unsettled) this.#drop(fileName);
  }

  /** Takes in a file that changed without an event, because it is linked or mounted somewhere. */
  #compare(fileName: string): void {
    const known = this.#stamps.get(fileName);
    const { changed } = this.#watched;
    const isLookedAt = [this.#unsettled, changed, this.#underway].some((names) => names.has(fileName));
    if (known === undefined || isLookedAt) return;
    if (isSameState(this.#stampOf(path.join(this.folder, fileName)), known)) return;
    this.#mounted = undefined;
    changed.add(fileName);
    this.contents.stir?.();
  }

  /** Whether a file is a mount point; false without a watch, when every stamp is compared at each use anyway. */
  #isMounted(fileName: string): boolean {
    if (!this.#watched.isWatching) return false;
    this.#mounted ??= this.files.mountPoints(this.folder);
    return this.#mounted.has(fileName);
  }

  #scan(): void {
    // Known files that are gone too.
    this.#look(new Set([...this.#list(), ...this.#stamps.keys()]));
  }

  /** The names of the folder, with those of files that another podnetd is taking away. */
  #list(): ReadonlySet<string> {
    this.#mounted = undefined;
    const present = this.files.list(this.folder);
    this.foreign?.reset(present);
    return new Set([...present, ...(this.foreign?.formerNames ?? [])]);
  }

  /** Takes in each file as it is, or as it was before a change that another podnetd has under way. */
  #look(fileNames: Iterable<string>): void {
    let names = [...fileNames].filter((fileName) => this.#isOfInterest(fileName));
    for (let count = 0; count < mostLooks && names.length > 0; count++) {
      const looks = names.flatMap((fileName) => this.#see(fileName) ?? []);
      if (looks.some(({ isNew }) => isNew)) this.foreign?.catchUp();
      names = looks.flatMap((look) => (this.#takeIn(look) ? [] : look.fileName));
    }
    for (const fileName of names) this.#unsettled.add(fileName);
  }

  #isOfInterest(fileName: string): boolean {
    if (this.contents.concerns(fileName)) return !this.#underway.has(fileName);
    this.contents.passOver?.(fileName);
    return false;
  }

  /** @returns undefined when the file needs no read */
  #see(fileName: string): Look | undefined {
    const known = this.#stamps.get(fileName);
    const isTrusted = known !== undefined && !this.#unsettled.has(fileName) && !this.#hasty.has(fileName);
    if (this.foreign === undefined && !isTrusted) return { fileName, stamp: undefined, isNew: true };
    const stamp = this.#stampOf(path.join(this.folder, fileName));
    if (this.#isBeingChanged(fileName, stamp)) return undefined;
    const isNew = known === undefined || !isSameState(stamp, known);
    return isTrusted && !isNew ? undefined : { fileName, stamp, isNew };
  }

  /** @returns false when another podnetd changed the file meanwhile, so that its temporary names must be looked at again */
  #takeIn({ fileName, stamp }: Look): boolean {
    if (this.#isBeingChanged(fileName, stamp)) return true;
    const found = this.files.read(path.join(this.folder, fileName), this.contents.limitBytes ?? bounds.fileBytes);
    const isOther = found === undefined ? stamp !== undefined : 'text' in found && !isSameState(stamp, found.stamp);
    if (isOther && this.foreign?.isHeldElsewhere() === true) return false;
    if (found === undefined) {
      this.#drop(fileName);
      return true;
    }
    this.#note(fileName, found.stamp, this.contents.take(fileName, found), 'problem' in found && found.isWithheld);
    if (found.stamp !== undefined && isSettling(found.stamp)) this.#hasty.add(fileName);
    return true;
  }

  /** Whether another podnetd is changing the file; until it is done the former file counts. */
  #isBeingChanged(fileName: string, stamp: FileStamp | undefined): boolean {
    if (this.foreign === undefined || this.foreign.isEmpty) return false;
    const known = this.#stamps.get(fileName);
    if (!this.foreign.isGoing(known)) {
      const isComing = this.foreign.isComing(stamp);
      const former = this.foreign.former(fileName);
      if (former !== undefined) this.#note(fileName, former.stamp, this.contents.take(fileName, former));
      else if (isComing) this.#drop(fileName);
      else return false;
    }
    this.#unsettled.add(fileName);
    return true;
  }

  #drop(fileName: string): void {
    this.contents.drop(fileName);
    this.#stamps.delete(fileName);
    this.#unsettled.delete(fileName);
    this.#hasty.delete(fileName);
  }

  /** Undefined also for an unreadable file, because the read that follows reports the reason. */
  #stampOf(target: string): FileStamp | undefined {
    try {
      return this.files.stamp(target);
    } catch (error) {
      if (error instanceof NetworkError) return undefined;
      throw error;
    }
  }

  #note(fileName: string, stamp: FileStamp | undefined, verdict: Verdict, isWithheld = false): void {
    this.#hasty.delete(fileName);
    if (stamp === undefined) this.#stamps.delete(fileName);
    else if (verdict !== 'unfinished') this.#stamps.set(fileName, stamp);
    // With a watch the next change makes an event, unless the file has another name elsewhere.
    const mayChangeUnseen =
      stamp?.indirect !== false ||
      this.#isMounted(fileName) ||
      (verdict === 'taken' && !this.#watched.isWatching && isSettling(stamp));
    if (verdict === 'unfinished' || isWithheld || mayChangeUnseen) this.#unsettled.add(fileName);
    else this.#unsettled.delete(fileName);
  }
}
