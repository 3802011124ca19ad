import type { ReadOutcome } from '../../host/files/read-file.js';

/**
 * The outcome of a read: the content counts (`taken`), the file is ignored (`refused`), or a young file may be half-written and its former
 * content still counts (`unfinished`).
 */
export type Verdict = 'taken' | 'refused' | 'unfinished';

/** The user of a tracked folder, which takes in its files. */
export interface FolderContents {
  /** The most bytes of a file; `bounds.fileBytes` unless given. A larger file is a problem. */
  readonly limitBytes?: number;
  /** Whether `take` wants files of this name. */
  concerns(fileName: string): boolean;
  /** A name that `concerns` refuses is new, changed or gone. */
  passOver?(fileName: string): void;
  /** A file is new or has changed. */
  take(fileName: string, found: ReadOutcome): Verdict;
  /** A file is gone. */
  drop(fileName: string): void;
  /** Something may have happened in the folder; never called without inotify. */
  stir?(): void;
}
