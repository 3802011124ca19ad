import { isSameInode, type FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { FolderWatch } from '../../host/files/folder-watches.js';

/** The inotify watch of a folder, and the names whose files may have changed since the last use. */
export class WatchedNames {
  readonly changed = new Set<string>();
  /** Count of the events of all watches, as of the last use. */
  #events = 0;
  /** Events since the last use were lost, or dropped because they were too many. */
  #mayHaveMissed = false;
  #watch: FolderWatch | undefined;
  #folderStamp: FileStamp | undefined;

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Called at each event, and at the end of the watch. */
    private readonly stir: () => void,
  ) {}

  get isWatching(): boolean {
    return this.#watch !== undefined;
  }

  /**
   * Watches the folder, and calls `scan` when events do not cover every change: without a watch, after a new one, and after more events than
   * the kernel surely keeps.
   *
   * @param stamp of the folder
   */
  use(stamp: FileStamp, scan: () => void): void {
    if (this.#watch === undefined || !isSameInode(stamp, this.#folderStamp)) {
      this.#rewatch();
      // A scan that fails is repeated at the next use.
      this.#folderStamp = undefined;
      scan();
      this.#folderStamp = stamp;
    } else if (this.#mayHaveMissed || this.files.events - this.#events > this.files.trustedEvents) scan();
    this.#mayHaveMissed = false;
    this.#events = this.files.events;
  }

  /**
   * Watches the folder for a scan that takes several turns of the event loop.
   *
   * @param stamp of the folder
   * @returns ends the scan: from then on events cover every change since this call; undefined where the folder cannot be watched
   */
  beginScan(stamp: FileStamp): (() => void) | undefined {
    this.#rewatch();
    const watch = this.#watch;
    this.#mayHaveMissed = false;
    this.#events = this.files.events;
    // Another use may have watched anew, and scanned, meanwhile.
    return watch && (() => (this.#folderStamp = this.#watch === watch ? stamp : this.#folderStamp));
  }

  /** Forgets a folder that is gone. */
  reset(): void {
    this.close();
    this.#folderStamp = undefined;
    this.changed.clear();
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #rewatch(): void {
    this.#watch?.close();
    const watch = this.files.watch(
      this.folder,
      (fileName) => {
        if (fileName === undefined) this.#mayHaveMissed = true;
        else this.#note(fileName);
        this.stir();
      },
      () => {
        if (this.#watch === watch) this.close();
        this.stir();
      },
    );
    this.#watch = watch;
  }

  /** Once a scan is cheaper than the names, they are dropped, so that an unused folder holds no endless list. */
  #note(fileName: string): void {
    this.changed.add(fileName);
    if (this.changed.size <= this.files.trustedEvents) return;
    this.changed.clear();
    this.#mayHaveMissed = true;
  }
}
