import * as fs from 'node:fs';
import path from 'node:path';
import { codeOf } from '../native-error.js';
import { discard, stageFile } from './temporary-file.js';

const ownMode = 0o644;
const permissions = 0o777;

/** Why no text can be put into a file by this name: another kind of file has it. Undefined for a new file and for a plain one. */
export function findOtherKind(target: string): string | undefined {
  try {
    const stats = fs.statSync(target);
    if (stats.isFile()) return undefined;
    return stats.isDirectory() ? 'a folder' : 'not a plain file';
  } catch {
    // A name that cannot be looked at is refused by the kernel when the file is made.
    return undefined;
  }
}

/**
 * Puts a text into a file, whole or not at all: a reader sees the old text or the new one. A file that is there keeps its mode, and a link to it
 * stays a link.
 *
 * @throws Error of node:fs; then the file is as it was
 */
export async function replaceFile(target: string, text: string): Promise<void> {
  const file = followLink(target);
  const mode = fs.statSync(file, { throwIfNoEntry: false })?.mode;
  const { temporary } = await stageFile(path.dirname(file), text, ownMode);
  try {
    if (mode !== undefined) fs.chmodSync(temporary, mode & permissions);
    fs.renameSync(temporary, file);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function followLink(target: string): string {
  try {
    return fs.realpathSync(target);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path.resolve(target);
    throw error;
  }
}
