import * as fs from 'node:fs';
import { codeOf, reasonOf } from '../native-error.js';

export interface Hindrance {
  readonly reason: string;
  /** The use of the folder that fails. */
  readonly act: 'list' | 'change';
  /** An administrator has to mend the path or its rights, because the hindrance does not end by itself as the absence of a disk does. */
  readonly isLasting: boolean;
}

const lastingCodes = new Set(['ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

/** Why this process cannot use a folder; undefined when it can, or when the folder does not exist yet. */
export function findHindrance(folder: string): Hindrance | undefined {
  if (isUsable(folder)) return undefined;
  for (const [act, look] of [
    ['list', list],
    ['change', change],
  ] as const) {
    try {
      look(folder);
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'ENOENT') return undefined;
      return { act, reason: reasonOf(error), isLasting: act === 'list' && lastingCodes.has(code) };
    }
  }
  return undefined;
}

/** One question to the kernel instead of five. The dot makes a file that is no folder fail. */
function isUsable(folder: string): boolean {
  const { R_OK, W_OK, X_OK } = fs.constants;
  try {
    fs.accessSync(`${folder}/.`, R_OK | W_OK | X_OK);
    return true;
  } catch {
    return false;
  }
}

function list(folder: string): void {
  fs.opendirSync(folder).closeSync();
  // Without X_OK the kernel lists the names of the folder but opens none of its files.
  fs.accessSync(folder, fs.constants.X_OK);
}

function change(folder: string): void {
  fs.accessSync(folder, fs.constants.W_OK);
}
