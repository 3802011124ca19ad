import * as fs from 'node:fs';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { codeOf, storageError } from '../native-error.js';
import { toNative, toText } from './file-name.js';
import type { FileStamp } from './file-stamp.js';
import { changeFolder, type ChangeGroup, type GroupOutcome } from './folder-change.js';
import { FolderWatches, type FolderWatch } from './folder-watches.js';
import { isLocalFolder } from './local-file-systems.js';
import { makeFolder } from './make-folder.js';
import { readMountPoints } from './mount-points.js';
import { readFile, readStamp, type ReadOutcome } from './read-file.js';
import { holdsText } from './search-file.js';
import { discard, keep, temporaryName, undiscardedIn } from './temporary-file.js';

/** Folders and files of this machine, by names as {@link toText} returns them; every failure is a NetworkError of kind storage. */
export class Files {
  readonly #watches = new FolderWatches();

  /** Undefined when nothing is there. Follows symbolic links. */
  stamp(target: string): FileStamp | undefined {
    return translate('stat', target, () => readStamp(target));
  }

  /** Names in a folder, in no order; none when the folder is missing. */
  list(folder: string): readonly string[] {
    return translate('open', folder, () => {
      try {
        return fs.readdirSync(toNative(folder), 'latin1').map(toText);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  /** See {@link readFile}. */
  read(target: string, limitBytes: number): ReadOutcome | undefined {
    return readFile(target, limitBytes);
  }

  /**
   * The text of a file, for callers that must not take a file that is kept back for a missing one.
   *
   * @returns undefined when the file is missing, not a plain file, or too large
   * @throws NetworkError storage when the disk or the rights of this process keep the content back
   */
  readText(target: string, limitBytes: number): string | undefined {
    return this.readStamped(target, limitBytes)?.text;
  }

  /** As {@link Files.readText}, with the stamp of the file. */
  readStamped(target: string, limitBytes: number): { readonly text: string; readonly stamp: FileStamp } | undefined {
    const found = this.read(target, limitBytes);
    if (found === undefined || 'text' in found) return found;
    if (!found.isWithheld) return undefined;
    throw new NetworkError('storageFailed', { path: target, operation: 'open', reason: found.problem });
  }

  /** See {@link holdsText}. */
  async holdsText(target: string, text: string): Promise<boolean> {
    return await holdsText(target, text);
  }

  /** Whether a path leads to a folder, through symbolic links too; false when it cannot be looked at. */
  isFolder(target: string): boolean {
    try {
      return fs.statSync(toNative(target), { throwIfNoEntry: false })?.isDirectory() === true;
    } catch {
      return false;
    }
  }

  exists(target: string): boolean {
    return fs.existsSync(toNative(target));
  }

  /** Whether no new file can have a name: a symbolic link that leads nowhere has it too. False when it cannot be looked at. */
  isTaken(target: string): boolean {
    try {
      return fs.lstatSync(toNative(target), { throwIfNoEntry: false }) !== undefined;
    } catch {
      return false;
    }
  }

  /** See {@link FolderWatches.events}. */
  get events(): number {
    return this.#watches.events;
  }

  /** See {@link FolderWatches.trustedEvents}. */
  get trustedEvents(): number {
    return this.#watches.trustedEvents;
  }

  /** See {@link FolderWatches.watch}; undefined too when other machines can change the folder, because inotify does not report that. */
  watch(folder: string, onChange: (fileName: string | undefined) => void, onEnd: () => void): FolderWatch | undefined {
    return this.isLocal(folder) ? this.#watches.watch(folder, onChange, onEnd) : undefined;
  }

  /** See {@link readMountPoints}. */
  mountPoints(folder: string): ReadonlySet<string> {
    return readMountPoints(folder);
  }

  /** See {@link makeFolder}. @throws NetworkError storage */
  makeFolder(folder: string, mode?: number): void {
    makeFolder(folder, mode);
  }

  /** See {@link changeFolder}. */
  async change(
    folder: string,
    groups: readonly ChangeGroup[],
    announce?: () => Promise<void>,
  ): Promise<readonly GroupOutcome[]> {
    return await changeFolder(folder, groups, announce);
  }

  /**
   * Names of temporary files in a folder: a crash left them, or a change is under way. A caller that holds the write lane sees only the
   * former. Folders are not among them.
   */
  listLeftovers(folder: string): readonly string[] {
    const names = this.list(folder).filter((fileName) => temporaryName.test(fileName));
    return names.filter((fileName) => !this.isFolder(path.join(folder, fileName)));
  }

  /** See {@link discard}. */
  discard(temporary: string): boolean {
    return discard(temporary);
  }

  /** See {@link undiscardedIn}. */
  undiscardedIn(folder: string): readonly string[] {
    return undiscardedIn(folder);
  }

  /** See {@link keep}. @returns whether the file is kept */
  keep(temporary: string): boolean {
    return keep(temporary) !== undefined;
  }

  /** Deletes a file if there is one. @throws NetworkError storage */
  async remove(target: string): Promise<void> {
    try {
      await unlink(toNative(target));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw storageError('unlink', target, error);
    }
  }

  /** See {@link isLocalFolder}. */
  isLocal(folder: string): boolean {
    return isLocalFolder(folder);
  }
}

function translate<T>(operation: string, target: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageError(operation, target, error);
  }
}
