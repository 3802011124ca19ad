import * as fs from 'node:fs';
import path from 'node:path';
import { toText } from './file-name.js';

/** An inotify watch on one folder. */
export interface FolderWatch {
  close(): void;
}

/** The inotify watches of this process, and how many events they had together. */
export class FolderWatches {
  #events = 0;
  #trustedEvents = mostTrustedEvents;

  /**
   * Number of events so far. All watches share one queue of the kernel, which drops events when it is full, and Node does not report that.
   * So a reader who sees the number grow by more than {@link trustedEvents} has to assume that events are missing.
   */
  get events(): number {
    return this.#events;
  }

  /** Number of events that surely fit into the kernel's queue. */
  get trustedEvents(): number {
    return this.#trustedEvents;
  }

  /**
   * Reports names that were created, changed, renamed or deleted in a folder; a name is undefined when the kernel gave none.
   *
   * @param onEnd is called when the folder itself was deleted, renamed or unmounted: another one may have its path, and even its inode number
   * @returns undefined when the folder cannot be watched: it is missing, or no inotify instance or watch is left
   */
  watch(folder: string, onChange: (fileName: string | undefined) => void, onEnd: () => void): FolderWatch | undefined {
    const ownName = path.basename(folder);
    let watcher: fs.FSWatcher;
    try {
      watcher = fs.watch(folder, { persistent: false, encoding: 'latin1' }, (event, latin1) => {
        this.#events += 1;
        const fileName = latin1 === null ? undefined : toText(latin1);
        if (event === 'rename' && fileName === ownName) onEnd();
        else onChange(fileName);
      });
    } catch {
      return undefined;
    }
    watcher.on('error', onEnd);
    this.#trustedEvents = Math.min(mostTrustedEvents, Math.floor(readQueueLength() / 4));
    return {
      close: () => {
        // Node drops the events still queued for this watch uncounted, so every reader has to assume that events are missing.
        this.#events += this.#trustedEvents + 1;
        watcher.close();
      },
    };
  }
}

/** A quarter of the kernel's default queue. */
const mostTrustedEvents = 4096;

/** In events; 0 when the kernel does not show it. source: inotify(7) */
function readQueueLength(): number {
  try {
    return Number(fs.readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  } catch {
    return 0;
  }
}
