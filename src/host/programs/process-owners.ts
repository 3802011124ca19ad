import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isShortage, storageError } from '../native-error.js';

/** S_ISUID; source: inode(7). */
const setUserId = 0o4000;

/**
 * Which processes a user has started. All ids of the process have to be that user's: the effective one alone is also that of a set-user-ID
 * program, and files in `/proc/<pid>` belong to root where a process is undumpable.
 */
export class ProcessOwners {
  constructor(
    /** Of procfs. */
    private readonly root: string,
    private readonly owner: number,
  ) {}

  /** @throws NetworkError storage for want of descriptors */
  isOwn(pid: string): boolean {
    const folder = path.join(this.root, pid);
    const status = readProcessFile(path.join(folder, 'status'));
    const ids = /^Uid:\t(.*)$/m.exec(status)?.[1]?.split('\t').map(Number) ?? [];
    // Root of a container without a user namespace has the ids of the host's; monitors are outside.
    const namespaces = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? [];
    if (ids.length === 0 || ids.some((id) => id !== this.owner) || namespaces.length > 1) return false;
    return !isSetUserId(path.join(folder, 'exe'));
  }
}

/** Programs like sudo become root altogether, with the arguments of the user who started them. */
function isSetUserId(program: string): boolean {
  try {
    return (statSync(program).mode & setUserId) !== 0;
  } catch {
    return false;
  }
}

/** A process that ended meanwhile, or is hidden, says nothing. @throws NetworkError storage for want of descriptors */
export function readProcessFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw storageError('open', file, error);
    return '';
  }
}
