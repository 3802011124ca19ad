import * as fs from 'node:fs';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { toNative, toText } from './file-name.js';
import { stampOf, type FileStamp } from './file-stamp.js';
import { makeFolder } from './make-folder.js';
import { readMountPoints } from './mount-points.js';
import { codeOf, isShortage, reasonOf, storageError } from '../native-error.js';
import { discard, keep, temporaryName, undiscardedIn } from './temporary-file.js';
import { changeFolder, type ChangeGroup, type GroupOutcome } from './folder-change.js';

/** Reads that refuse what is not a plain file or is too large. */
export type ReadOutcome =
  | { readonly text: string; readonly stamp: FileStamp }
  | {
      readonly problem: string;
      /** Undefined when not even that can be had. */
      readonly stamp: FileStamp | undefined;
      /** The content is there, but the disk or the rights of this process keep it back; that may end without another stamp. */
      readonly isWithheld: boolean;
    };

export interface FolderWatch {
  close(): void;
}

/** Folders and files of this machine, by names as {@link toText} has them; every failure is a NetworkError of kind storage. */
export class Files {
  #events = 0;
  #trustedEvents = mostTrustedEvents;

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

  /**
   * Undefined when nothing is there, not even a link. A FIFO or device is never waited for.
   *
   * @throws NetworkError storage when it cannot be told what is there, for want of descriptors or memory
   */
  read(target: string, limitBytes: number): ReadOutcome | undefined {
    let stamp: FileStamp | undefined;
    try {
      const named = lookAt(target);
      if (named === undefined) return undefined;
      stamp = readStamp(target, named);
      if (stamp === undefined) return describeDanglingLink(target, named);
      const fd = fs.openSync(toNative(target), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      try {
        const found = fs.fstatSync(fd, { bigint: true });
        if (!found.isFile()) return { problem: 'not a regular file', stamp, isWithheld: false };
        if (found.size > limitBytes) return { problem: `larger than ${limitBytes} bytes`, stamp, isWithheld: false };
        return { text: fs.readFileSync(fd, 'utf8'), stamp: { ...stampOf(found), indirect: stamp.indirect } };
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'ENOENT') return undefined;
      // Without a stamp for want of rights it is the folder that is closed, and nothing can be told of any file.
      if (isShortage(error) || (stamp === undefined && foldersFault.has(code)))
        throw storageError('open', target, error);
      return { problem: reasonOf(error), stamp, isWithheld: !unreadableKinds.has(code) };
    }
  }

  /**
   * For callers to whom a file that is kept back is not the same as one that says nothing.
   *
   * @returns undefined for what is not there, no plain file, or too large
   * @throws NetworkError storage
   */
  readText(target: string, limitBytes: number): string | undefined {
    const found = this.read(target, limitBytes);
    if (found === undefined) return undefined;
    if ('text' in found) return found.text;
    if (!found.isWithheld) return undefined;
    throw new NetworkError('storageFailed', { path: target, operation: 'open', reason: found.problem });
  }

  /** Follows symbolic links; what cannot be looked at is none. */
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

  /**
   * How often the kernel told something to any watch. All watches share one queue in the kernel, which drops what is too much; Node does not
   * tell. Who sees more than {@link trustedEvents} between two looks may have missed some.
   */
  get events(): number {
    return this.#events;
  }

  /** Fewer than the queue of the kernel holds. */
  get trustedEvents(): number {
    return this.#trustedEvents;
  }

  /**
   * Reports names that were created, changed, renamed or deleted in a folder; a name is undefined when the kernel gave none.
   *
   * @param onEnd when the folder itself was deleted, renamed or unmounted: another may have its place, and even its inode number
   * @returns undefined when the folder cannot be watched: it is missing, no inotify instance or watch is left, or others can change it from
   * elsewhere, of which inotify does not tell
   */
  watch(folder: string, onChange: (fileName: string | undefined) => void, onEnd: () => void): FolderWatch | undefined {
    if (!this.isLocal(folder)) return undefined;
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
        // What is queued for it is not counted any more.
        this.#events += this.#trustedEvents + 1;
        watcher.close();
      },
    };
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
  async change(folder: string, groups: readonly ChangeGroup[]): Promise<readonly GroupOutcome[]> {
    return await changeFolder(folder, groups);
  }

  /** Names of what a crash left behind, or of what is being published: under the write lane they are the former. No folder is either. */
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

  /** See {@link keep}. @returns whether it is kept */
  keep(temporary: string): boolean {
    return keep(temporary) !== undefined;
  }

  /** @throws NetworkError storage */
  async remove(target: string): Promise<void> {
    try {
      await unlink(toNative(target));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw storageError('unlink', target, error);
    }
  }

  /** Whether only this machine can write to the file system of a folder, so that the kernel knows every lock on it. */
  isLocal(folder: string): boolean {
    try {
      return localFileSystems.has(fs.statfsSync(folder).type);
    } catch {
      return false;
    }
  }
}

/** What cannot be opened because of what it is: a loop of links, a socket, a device without a driver. */
const unreadableKinds = new Set(['ELOOP', 'ENXIO', 'ENODEV']);

/** A quarter of what the kernel's queue holds unless it was told otherwise. */
const mostTrustedEvents = 4096;

/** source: inotify(7) */
function readQueueLength(): number {
  try {
    return Number(fs.readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  } catch {
    return 0;
  }
}

/** Said of a file because of the folder that it is in. */
const foldersFault = new Set(['EACCES', 'ENOTDIR']);

/** @throws Error of node:fs */
function lookAt(target: string): fs.BigIntStats | undefined {
  return fs.lstatSync(toNative(target), { bigint: true, throwIfNoEntry: false });
}

/** @param named the name itself, which may be a link @throws Error of node:fs */
function readStamp(target: string, named = lookAt(target)): FileStamp | undefined {
  if (named?.isSymbolicLink() !== true) return named && stampOf(named);
  const found = followLink(target, named);
  return found && { ...stampOf(found), indirect: true };
}

/** It keeps its name from every new file. @throws Error of node:fs */
function describeDanglingLink(target: string, named: fs.BigIntStats): ReadOutcome {
  const problem = `a symbolic link to ${toText(fs.readlinkSync(toNative(target), 'latin1'))}, which is not there`;
  return { problem, stamp: { ...stampOf(named), indirect: true }, isWithheld: false };
}

/** A link that leads nowhere readable (a loop, a closed folder) is still there to be reported. */
function followLink(target: string, named: fs.BigIntStats): fs.BigIntStats | undefined {
  try {
    return fs.statSync(toNative(target), { bigint: true, throwIfNoEntry: false });
  } catch {
    return named;
  }
}

/** ext2/3/4, xfs, btrfs, tmpfs, ramfs, overlayfs, f2fs, zfs, bcachefs; source: linux include/uapi/linux/magic.h, statfs(2). */
const localFileSystems = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
]);

function translate<T>(operation: string, target: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageError(operation, target, error);
  }
}
