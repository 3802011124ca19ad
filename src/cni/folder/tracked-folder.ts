import path from 'node:path';
import { pollOnce } from '../../host/own-process/event-loop.js';
import { isSameInode, isSameStamp, isSettling, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { FolderWatch } from '../../host/files/folder-watches.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { temporaryName } from '../../host/files/temporary-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { ForeignChanges } from './foreign-changes.js';
import { StampSweep } from './stamp-sweep.js';
import { maxFileBytes } from './configuration-files.js';

/**
 * What became of a file: its content counts; it is none of ours; or it is half-written and what it said before still counts, which is for
 * young files only.
 */
export type Verdict = 'taken' | 'refused' | 'unfinished';

/** What is made of the files of a folder. */
export interface FolderContents {
  /** Whether files of this name are of interest. */
  concerns(fileName: string): boolean;
  /** One that is not, and is new, changed or gone. */
  passOver?(fileName: string): void;
  /** A file that is new, or has changed. */
  take(fileName: string, found: ReadOutcome): Verdict;
  /** A file that is gone. */
  drop(fileName: string): void;
  /** Something may have happened in the folder; where there is no inotify nobody tells. */
  stir?(): void;
}

/** One look at a file, which is undefined where there is none. */
interface Look {
  readonly fileName: string;
  readonly stamp: FileStamp | undefined;
  /** It is not the file that was read last. */
  readonly isNew: boolean;
}

/** At a file that another podnetd changes at each of them; then it waits for the next use. */
const mostLooks = 3;

/**
 * A folder whose contents are brought up to date at each use: inotify tells which names changed, and where there is no inotify every
 * file's stamp is compared. The folder may be missing, come late, and be replaced.
 */
export class TrackedFolder {
  readonly #stamps = new Map<string, FileStamp>();
  readonly #changed = new Set<string>();
  /** Files whose stamp or events may not tell the next change: they are read at every use. */
  readonly #unsettled = new Set<string>();
  /** Files that were read while they were young: another change within one tick of the clock has the same stamp. */
  readonly #hasty = new Set<string>();
  /** Files that the caller is changing: what is seen of them is looked at when that is over. */
  readonly #underway = new Set<string>();
  /** Names on which something is mounted: undefined when they have to be asked for before the next use. */
  #mounted: ReadonlySet<string> | undefined;
  readonly #sweep = new StampSweep((fileName) => this.#compare(fileName));
  /** Of all watches, as of the last use. */
  #events = 0;
  /** Since the last use. */
  #mayHaveMissed = false;
  #watch: FolderWatch | undefined;
  #folderStamp: FileStamp | undefined;

  constructor(
    readonly folder: string,
    private readonly files: Files,
    private readonly contents: FolderContents,
    /** Given for a folder that several podnetds write, and people too, who link and mount what they like. */
    private readonly foreign?: ForeignChanges,
  ) {}

  /** Lets the events of earlier changes, which are already queued in the kernel, come in. */
  async poll(): Promise<void> {
    await pollOnce();
  }

  /** Takes in everything that happened to the folder before the last {@link poll}. @throws NetworkError storage */
  refresh(): void {
    const stamp = this.files.stamp(this.folder);
    if (stamp === undefined) return this.#empty();
    if (this.#watch === undefined || !isSameInode(stamp, this.#folderStamp)) this.#rewatch(stamp);
    else if (this.#mayHaveMissed || this.files.events - this.#events > this.files.trustedEvents) this.#scan();
    this.#mayHaveMissed = false;
    this.#events = this.files.events;
    if (this.#watch !== undefined && this.foreign !== undefined) this.#sweep.begin(() => this.#stamps.keys());
    const names = new Set([...this.#changed, ...this.#unsettled]);
    // A temporary name says what to make of the file that has it.
    for (const fileName of names) if (temporaryName.test(fileName)) this.foreign?.look(fileName);
    this.#look(names);
    this.#changed.clear();
    for (const fileName of this.#underway) if (names.has(fileName)) this.#changed.add(fileName);
  }

  /** From now on the caller reports what becomes of these files, by {@link learn} and {@link forget}, until {@link endChange}. */
  beginChange(fileNames: Iterable<string>): void {
    for (const fileName of fileNames) this.#underway.add(fileName);
  }

  /** Files that the caller did not report are looked at as ever. */
  endChange(): void {
    for (const fileName of this.#underway) this.#changed.add(fileName);
    this.#underway.clear();
  }

  /** The state in which a file was read last. */
  stampOf(fileName: string): FileStamp | undefined {
    return this.#stamps.get(fileName);
  }

  /**
   * Notes the state of a file whose content the caller has. Others may have changed it since, and the event that told so may have been used
   * up, so it is looked at once more.
   */
  learn(fileName: string, stamp: FileStamp): void {
    this.#note(fileName, stamp, 'taken');
    this.#changed.add(fileName);
  }

  /** Drops a file that the caller took away. Others may have put one there since, as in {@link learn}. */
  forget(fileName: string): void {
    this.#drop(fileName);
    this.#changed.add(fileName);
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Without a watch, and after each new one, every file has to be looked at. */
  #rewatch(stamp: FileStamp): void {
    this.#watch?.close();
    const watch = this.files.watch(
      this.folder,
      (fileName) => {
        if (fileName === undefined) this.#mayHaveMissed = true;
        else this.#noteChange(fileName);
        this.contents.stir?.();
      },
      () => {
        if (this.#watch === watch) this.close();
        this.contents.stir?.();
      },
    );
    this.#watch = watch;
    // A scan that fails is done again at the next use.
    this.#folderStamp = undefined;
    this.#scan();
    this.#folderStamp = stamp;
  }

  /** There is no folder, so there is nothing to watch or to list, however often it is asked for. */
  #empty(): void {
    this.close();
    this.#folderStamp = undefined;
    this.#changed.clear();
    for (const fileName of this.#stamps.keys()) this.#drop(fileName);
    for (const fileName of this.#unsettled) this.#drop(fileName);
  }

  /** More names than a scan is worth need not be kept until somebody asks. */
  #noteChange(fileName: string): void {
    this.#changed.add(fileName);
    if (this.#changed.size <= this.files.trustedEvents) return;
    this.#changed.clear();
    this.#mayHaveMissed = true;
  }

  /** What has changed although no event said so is linked or mounted somewhere. */
  #compare(fileName: string): void {
    const known = this.#stamps.get(fileName);
    const isLookedAt = [this.#unsettled, this.#changed, this.#underway].some((names) => names.has(fileName));
    if (known === undefined || isLookedAt) return;
    if (isSameState(this.#stampOf(path.join(this.folder, fileName)), known)) return;
    this.#mounted = undefined;
    this.#changed.add(fileName);
    this.contents.stir?.();
  }

  /** Without a watch every stamp is compared at each use, so mounts need not be known. */
  #isMounted(fileName: string): boolean {
    if (this.#watch === undefined) return false;
    this.#mounted ??= this.files.mountPoints(this.folder);
    return this.#mounted.has(fileName);
  }

  #scan(): void {
    this.#mounted = undefined;
    const present = new Set(this.files.list(this.folder));
    this.foreign?.reset(present);
    const gone = [...this.#stamps.keys()].filter((fileName) => !present.has(fileName));
    this.#look(new Set([...gone, ...present, ...(this.foreign?.formerNames ?? [])]));
  }

  /** Takes in each file as it is, or, while another podnetd changes it, as it was before. */
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

  /** @returns undefined when there is nothing to take in */
  #see(fileName: string): Look | undefined {
    const known = this.#stamps.get(fileName);
    const isTrusted = known !== undefined && !this.#unsettled.has(fileName) && !this.#hasty.has(fileName);
    if (this.foreign === undefined && !isTrusted) return { fileName, stamp: undefined, isNew: true };
    const stamp = this.#stampOf(path.join(this.folder, fileName));
    if (this.#isBeingChanged(fileName, stamp)) return undefined;
    const isNew = known === undefined || !isSameState(stamp, known);
    return isTrusted && !isNew ? undefined : { fileName, stamp, isNew };
  }

  /** @returns false when the file is another one now, of which the marks that were looked at may not say anything */
  #takeIn({ fileName, stamp }: Look): boolean {
    if (this.#isBeingChanged(fileName, stamp)) return true;
    const found = this.files.read(path.join(this.folder, fileName), maxFileBytes);
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

  /** By another podnetd: until that is over the file that was there counts. */
  #isBeingChanged(fileName: string, stamp: FileStamp | undefined): boolean {
    if (this.foreign === undefined || this.foreign.isEmpty) return false;
    const known = this.#stamps.get(fileName);
    if (!this.foreign.concern(stamp, known)) {
      const former = known === undefined ? this.foreign.former(fileName) : undefined;
      if (former === undefined) return false;
      this.#note(fileName, former.stamp, this.contents.take(fileName, former));
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

  /** Where a stamp cannot be had, the read that follows says why. */
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
    // With a watch the next change makes an event; a file with another name elsewhere can change without one.
    const mayChangeUnseen =
      stamp?.indirect !== false ||
      this.#isMounted(fileName) ||
      (verdict === 'taken' && this.#watch === undefined && isSettling(stamp));
    if (verdict === 'unfinished' || isWithheld || mayChangeUnseen) this.#unsettled.add(fileName);
    else this.#unsettled.delete(fileName);
  }
}

/** Undefined where there is no file. */
function isSameState(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameStamp(a, b);
}
