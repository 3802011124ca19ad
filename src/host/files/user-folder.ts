import * as fs from 'node:fs';
import path from 'node:path';
import { makeFolders } from './make-folder.js';
import { codeOf, storageError } from '../native-error.js';

/** Small files of a user that live as long as a login; a power cut takes the whole folder, so nothing waits for a disk. */

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

/** Undefined when it cannot be had. */
export function readSmallFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Readers see the former text or this one. @throws NetworkError storage */
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

/** An empty file to mount on. @throws NetworkError storage */
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

/** Names that begin so, in order; none when the folder cannot be read. */
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

export interface PipeEnds {
  readonly readEnd: number;
  readonly writeEnd: number;
  close(): void;
}

/** Opens both ends of a named pipe, for children to inherit. @throws NetworkError storage */
export function openPipe(file: string): PipeEnds {
  let readEnd: number | undefined;
  try {
    // A read end that does not wait comes first: a write end that has no reader would.
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

/** Where an absolute path leads up to the first place below `/run`, links of every component followed; undefined where it leads nowhere. */
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

/** Paths of a list that are there, in order. */
export function existing(paths: readonly string[]): readonly string[] {
  return paths.filter((candidate) => fs.existsSync(candidate));
}
