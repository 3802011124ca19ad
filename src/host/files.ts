import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { link, lstat, mkdir, open, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import path from 'node:path';
import { NetworkError } from '../model/errors.js';
import { codeOf, reasonOf, storageError } from './native-error.js';

/** Tells one state of a file from another without reading it. */
export interface FileStamp {
  readonly device: bigint;
  readonly inode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly size: bigint;
  /** A symbolic link, or one of several names: it can change without an event in this folder. */
  readonly indirect: boolean;
}

export interface NewFile {
  readonly fileName: string;
  readonly text: string;
}

/** What became of a file of a batch: its stamp once it is in place and durable, or why it is not there. */
export type PublishOutcome = FileStamp | NetworkError;

/** Reads that refuse what is not a plain file or is too large. */
export type ReadOutcome =
  { readonly text: string; readonly stamp: FileStamp } | { readonly problem: string; readonly stamp: FileStamp };

export interface FolderWatch {
  close(): void;
}

const temporaryName = /^\.podnetd-[0-9a-f]{16}\.tmp$/;

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

  /** @throws NetworkError storage */
  async makeFolder(folder: string): Promise<void> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
    } catch (error) {
      throw storageError('mkdir', folder, error);
    }
  }

  /** @throws NetworkError storage */
  async removeEmptyFolder(folder: string): Promise<void> {
    try {
      await rmdir(folder);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw storageError('rmdir', folder, error);
    }
  }

  /**
   * Puts files into a folder so that each is there whole and durable, or not at all; one that appeared meanwhile is never overwritten.
   * The files share one fsync of the folder.
   *
   * @returns one outcome a file, in the order given
   */
  async publish(folder: string, files: readonly NewFile[]): Promise<readonly PublishOutcome[]> {
    const staged = await Promise.all(files.map(async (file) => await this.#stage(folder, file)));
    const placed = await Promise.all(
      staged.map(async (temporary, index) => {
        const target = path.join(folder, files[index]?.fileName ?? '');
        return temporary instanceof NetworkError ? temporary : await this.#place(temporary, target);
      }),
    );
    try {
      await syncFolder(folder);
    } catch (error) {
      const failure = storageError('fsync', folder, error);
      await Promise.all(files.map(async (file, index) => await this.#undo(folder, file, placed[index], failure)));
      return placed.map((outcome) => (outcome instanceof NetworkError ? outcome : failure));
    }
    return placed;
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
  async isLocal(folder: string): Promise<boolean> {
    try {
      return localFileSystems.has((await statfs(folder)).type);
    } catch {
      return false;
    }
  }

  async #stage(folder: string, file: NewFile): Promise<string | NetworkError> {
    const temporary = path.join(folder, `.podnetd-${randomBytes(8).toString('hex')}.tmp`);
    try {
      const handle = await open(temporary, 'wx', 0o644);
      try {
        await handle.writeFile(file.text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      return temporary;
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      return storageError('write', path.join(folder, file.fileName), error);
    }
  }

  async #place(temporary: string, target: string): Promise<PublishOutcome> {
    try {
      await linkWithoutOverwriting(temporary, target);
      return stampOf(await stat(target, { bigint: true }));
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      if (codeOf(error) === 'EEXIST') return new NetworkError('fileExists', { path: target }, { cause: error });
      return storageError('link', target, error);
    }
  }

  async #undo(
    folder: string,
    file: NewFile,
    outcome: PublishOutcome | undefined,
    failure: NetworkError,
  ): Promise<void> {
    if (outcome === undefined || outcome instanceof NetworkError) return;
    await unlink(path.join(folder, file.fileName)).catch((error: unknown) => {
      failure.cause = new AggregateError([failure.cause, error]);
    });
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

/** Hard links are refused by some file systems (vfat, some FUSE); there the write lane alone keeps others out. */
async function linkWithoutOverwriting(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error) ?? '')) throw error;
    const occupied = await lstat(target).catch(() => undefined);
    if (occupied !== undefined) throw Object.assign(new Error('file exists', { cause: error }), { code: 'EEXIST' });
    await rename(temporary, target);
    return;
  }
  await unlink(temporary);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** ext2/3/4, xfs, btrfs, tmpfs, ramfs, overlayfs, f2fs, zfs, bcachefs; source: linux include/uapi/linux/magic.h, statfs(2). */
const localFileSystems = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x858458f6, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
]);

function stampOf(found: fs.BigIntStats): FileStamp {
  return {
    device: found.dev,
    inode: found.ino,
    mtimeNs: found.mtimeNs,
    ctimeNs: found.ctimeNs,
    size: found.size,
    indirect: found.nlink > 1n,
  };
}

function translate<T>(operation: string, target: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageError(operation, target, error);
  }
}
