import { NetworkError } from '../model/errors/errors.js';

/** Errors of Node and of native addons, translated here so that no room further in sees an errno. */

/** The code of an error, such as `ENOENT`; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Errors of disks and file servers that Node has no name for, by errno.
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
 * Whether this process or its machine lacks descriptors or memory for the moment, so that the error says nothing about the file. EAGAIN is not
 * such an error, because a file itself causes it: one under a lease, or one that has nothing to read yet.
 */
export function isShortage(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(codeOf(error) ?? '');
}

/** Whether an error says that nothing is at a path, or that the process behind the path is ending. */
export function saysAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ESRCH'].includes(codeOf(error) ?? '');
}

export function storageError(operation: string, path: string, error: unknown): NetworkError<'storageFailed'> {
  return new NetworkError('storageFailed', { path, operation, reason: reasonOf(error) }, { cause: error });
}

/** The failure with one more sentence in its reason: what could not be undone after it. The same failure when there is none. */
export function extendReason(
  failure: NetworkError<'storageFailed'>,
  left: string | undefined,
): NetworkError<'storageFailed'> {
  if (left === undefined) return failure;
  const reason = `${failure.details.reason}; ${left}`;
  return new NetworkError('storageFailed', { ...failure.details, reason }, { cause: failure.cause });
}
