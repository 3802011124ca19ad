import * as fs from 'node:fs';
import { unlink } from 'node:fs/promises';
import { stampOf, type FileStamp } from './file-stamp.js';
import { makeFolder } from './make-folder.js';
import { codeOf, reasonOf, storageError } from './native-error.js';
import { changeFolder, temporaryName, type FolderChange, type FolderOutcome } from './publish.js';

/** Reads that refuse what is not a plain file or is too large. */
export type ReadOutcome =
  { readonly text: string; readonly stamp: FileStamp } | { readonly problem: string; readonly stamp: FileStamp };

export interface FolderWatch {
  close(): void;
}

/** Folders and files of this machine; every failure is a NetworkError of kind storage. */
export class Files {
  /** Undefined when nothing is there. Follows symbolic links. */
  stamp(target: string): FileStamp | undefined {
    return translate('stat', target, () => {
      const named = fs.lstatSync(target, { bigint: true, throwIfNoEntry: false });
      if (named?.isSymbolicLink() !== true) return named && stampOf(named);
      const found = followLink(target, named);
      return found && { ...stampOf(found), indirect: true };
    });
  }

  /** Names in a folder, in no order; none when the folder is missing. */
  list(folder: string): readonly string[] {
    return translate('open', folder, () => {
      try {
        return fs.readdirSync(folder);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }

  /** Undefined when nothing is there. A FIFO or device is never waited for. @throws NetworkError storage */
  read(target: string, limitBytes: number): ReadOutcome | undefined {
    const stamp = this.stamp(target);
    if (stamp === undefined) return undefined;
    try {
      const fd = fs.openSync(target, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
      try {
        const found = fs.fstatSync(fd, { bigint: true });
        if (!found.isFile()) return { problem: 'not a regular file', stamp };
        if (found.size > limitBytes) return { problem: `larger than ${limitBytes} bytes`, stamp };
        return { text: fs.readFileSync(fd, 'utf8'), stamp: { ...stampOf(found), indirect: stamp.indirect } };
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? undefined : { problem: reasonOf(error), stamp };
    }
  }

  exists(target: string): boolean {
    return fs.existsSync(target);
  }

  /**
   * Reports names that were created, changed, renamed or deleted in a folder; a name is undefined when the kernel gave none.
   *
   * @returns undefined when the folder cannot be watched (missing, or no inotify instance left)
   */
  watch(folder: string, onChange: (fileName: string | undefined) => void, onEnd: () => void): FolderWatch | undefined {
    try {
      const watcher = fs.watch(folder, { persistent: false }, (_event, fileName) => onChange(fileName ?? undefined));
      watcher.on('error', onEnd);
      return watcher;
    } catch {
      return undefined;
    }
  }

  /** See {@link makeFolder}. @throws NetworkError storage */
  makeFolder(folder: string, mode?: number): void {
    makeFolder(folder, mode);
  }

  /** See {@link changeFolder}. */
  async change(folder: string, change: FolderChange): Promise<FolderOutcome> {
    return await changeFolder(folder, change);
  }

  /** Names of what a crash left behind, or of what is being published: under the write lane they are the former. */
  listLeftovers(folder: string): readonly string[] {
    return this.list(folder).filter((fileName) => temporaryName.test(fileName));
  }

  /** @throws NetworkError storage */
  async remove(target: string): Promise<void> {
    try {
      await unlink(target);
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

/** A link that leads nowhere readable (a loop, a closed folder) is still there to be reported. */
function followLink(target: string, named: fs.BigIntStats): fs.BigIntStats | undefined {
  try {
    return fs.statSync(target, { bigint: true, throwIfNoEntry: false });
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
