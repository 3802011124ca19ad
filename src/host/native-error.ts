import { NetworkError } from '../model/errors/errors.js';

/** Errors of Node and of native addons, translated here so that no room further in sees an errno. */

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What disks and file servers say and Node has no name for.
 *
 * source: linux include/uapi/asm-generic/errno.h; errno(3) for the words
 */
const namelessErrors: ReadonlyMap<number, string> = new Map([
  [116, 'ESTALE: stale file handle'],
  [117, 'EUCLEAN: structure needs cleaning'],
  [121, 'EREMOTEIO: remote i/o error'],
  [122, 'EDQUOT: disk quota exceeded'],
  [123, 'ENOMEDIUM: no medium found'],
  [126, 'ENOKEY: required key not available'],
]);

/** `ENOSPC: no space left on device`, without the call and path that Node appends. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const unnamed = /^Unknown system error -(\d+)/.exec(text)?.[1];
  const name = namelessErrors.get(Number(unnamed));
  if (name !== undefined) return name;
  return text.replace(/, \w+( '.*'( -> '.*')?)?$/, '');
}

/**
 * Whether this process or its machine lacked something for the moment: then nothing is said about the file, not even that it is there. EAGAIN
 * is not among them: it is a file's own, under a lease, or one that has nothing to read yet.
 */
export function isShortage(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(codeOf(error) ?? '');
}

/** Whether there is nothing at a path, or the process that it means is ending. */
export function saysAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ESRCH'].includes(codeOf(error) ?? '');
}

export function storageError(operation: string, path: string, error: unknown): NetworkError<'storageFailed'> {
  return new NetworkError('storageFailed', { path, operation, reason: reasonOf(error) }, { cause: error });
}
