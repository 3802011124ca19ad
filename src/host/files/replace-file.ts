import * as fs from 'node:fs';
import path from 'node:path';
import { discard, stageFile } from './temporary-file.js';

/** As far as the umask lets it. */
const newMode = 0o644;
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
 * Puts a text into a file, whole or not at all: a reader sees the old text or the new one. A file of this user keeps its mode. A link is
 * replaced too and not followed, because another user may have put it into a folder such as /tmp.
 *
 * @throws Error of node:fs; then the file is as it was
 */
export async function replaceFile(target: string, text: string): Promise<void> {
  const mode = ownPlainMode(target);
  const { temporary } = await stageFile(path.dirname(target), text, { mode: newMode });
  try {
    if (mode !== undefined) fs.chmodSync(temporary, mode);
    fs.renameSync(temporary, target);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function ownPlainMode(target: string): number | undefined {
  const stats = fs.lstatSync(target, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.uid === process.geteuid?.() ? stats.mode & permissions : undefined;
}
