import * as fs from 'node:fs';
import { codeOf, reasonOf } from '../native-error.js';

export interface Hindrance {
  readonly reason: string;
  /** What cannot be done with the folder. */
  readonly act: 'list' | 'change';
  /** Waiting does not end it, as it does the absence of a disk: somebody has to do something about the path or its rights. */
  readonly isLasting: boolean;
}

const lastingCodes = new Set(['ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

/** Why this process cannot use a folder; undefined when it can, or when there is none yet. */
export function findHindrance(folder: string): Hindrance | undefined {
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

function list(folder: string): void {
  fs.opendirSync(folder).closeSync();
  // Without it the names can be listed, and nothing can be opened.
  fs.accessSync(folder, fs.constants.X_OK);
}

function change(folder: string): void {
  fs.accessSync(folder, fs.constants.W_OK);
}
