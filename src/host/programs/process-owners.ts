import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isShortage, storageError } from '../native-error.js';

/** S_ISUID; source: inode(7). */
const setUserId = 0o4000;

/**
 * Judges which processes a user has started, by all user ids of the process. The effective id alone does not suffice, because a set-user-ID
 * program has it too, nor does the owner of `/proc/<pid>`, which is root for an undumpable process.
 */
export class ProcessOwners {
  constructor(
    /** Root of procfs. */
    private readonly root: string,
    private readonly owner: number,
  ) {}

  /** Whether the user started the process. @throws NetworkError storage for want of descriptors or memory */
  isOwn(pid: string): boolean {
    const folder = path.join(this.root, pid);
    const status = readProcessFile(path.join(folder, 'status'));
    const ids = /^Uid:\t(.*)$/m.exec(status)?.[1]?.split('\t').map(Number) ?? [];
    // In a container without a user namespace, root has the host's ids; monitors run outside of containers.
    const namespaces = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? [];
    if (ids.length === 0 || ids.some((id) => id !== this.owner) || namespaces.length > 1) return false;
    return !isSetUserId(path.join(folder, 'exe'));
  }
}

/** Whether a program is set-user-ID: one such as sudo gets all ids of root, but its arguments from any user. */
function isSetUserId(program: string): boolean {
  try {
    return (statSync(program).mode & setUserId) !== 0;
  } catch {
    return false;
  }
}

/** The text of a file in procfs; empty when the process has ended or is hidden. @throws NetworkError storage for want of descriptors or memory */
export function readProcessFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw storageError('open', file, error);
    return '';
  }
}
