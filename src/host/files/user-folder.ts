import * as fs from 'node:fs';
import path from 'node:path';
import { makeFolders } from './make-folder.js';
import { codeOf, storageError } from '../native-error.js';

/** Small files of a user that live as long as a login. A power cut takes the whole folder, so podnetd syncs none of them. */

/** Makes a folder and its missing parents for this user alone. @throws NetworkError storage */
export function makePrivateFolder(folder: string): void {
  makeFolders(folder, 0o700);
}

export function isOwnFolder(folder: string, euid: number): boolean {
  try {
    const found = fs.lstatSync(folder);
    return found.isDirectory() && found.uid === euid;
  } catch {
    return false;
  }
}

/** The text of a file; undefined when it cannot be read. */
export function readSmallFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Replaces the text of a file at one moment: readers see the former text or this one. @throws NetworkError storage */
export function writeSmallFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, text, { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw storageError('write', file, error);
  }
}

/** Makes an empty file to mount on, unless there is a file. @throws NetworkError storage */
export function makeMountPoint(file: string): void {
  try {
    fs.closeSync(fs.openSync(file, 'a', 0o600));
  } catch (error) {
    throw storageError('open', file, error);
  }
}

/** @throws NetworkError storage */
export function removeFile(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch (error) {
    throw storageError('unlink', file, error);
  }
}

/** Names in a folder that begin with `prefix`, sorted; none when the folder cannot be read. */
export function listNames(folder: string, prefix: string): readonly string[] {
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .toSorted();
  } catch {
    return [];
  }
}

/** Descriptors of both ends of a named pipe. */
export interface PipeEnds {
  readonly readEnd: number;
  readonly writeEnd: number;
  close(): void;
}

/** Opens both ends of a named pipe, for children to inherit. @throws NetworkError storage */
export function openPipe(file: string): PipeEnds {
  let readEnd: number | undefined;
  try {
    // The read end comes first, because the kernel refuses a non-blocking write end (ENXIO) while the pipe has no reader.
    readEnd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writeEnd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
    const ends = [readEnd, writeEnd];
    return {
      readEnd,
      writeEnd,
      close: () => {
        for (const end of ends.splice(0)) fs.closeSync(end);
      },
    };
  } catch (error) {
    if (readEnd !== undefined) fs.closeSync(readEnd);
    throw storageError('open', file, error);
  }
}

/** Follows the links of an absolute path until it is below `/run`. @returns that path, or the end of the links; undefined when nothing is there */
export function followIntoRun(start: string): string | undefined {
  let target = start;
  for (let links = 0; links < maxLinks; links += 1) {
    if (target.startsWith('/run/')) return target;
    const next = followFirstLink(target);
    if (next === undefined) return fs.existsSync(target) ? target : undefined;
    target = next;
  }
  return undefined;
}

/** source: linux include/linux/namei.h (MAXSYMLINKS) */
const maxLinks = 40;

function followFirstLink(target: string): string | undefined {
  const parts = target.split('/').slice(1);
  for (let count = 1; count <= parts.length; count += 1) {
    const part = `/${parts.slice(0, count).join('/')}`;
    try {
      const link = fs.readlinkSync(part);
      return path.resolve(path.dirname(part), link, ...parts.slice(count));
    } catch (error) {
      if (!['EINVAL', 'ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error) ?? '')) throw error;
    }
  }
  return undefined;
}

/** The paths of a list that exist, in its order. */
export function existing(paths: readonly string[]): readonly string[] {
  return paths.filter((candidate) => fs.existsSync(candidate));
}
