import { NetworkError } from '../model/errors.js';

/** Errors of Node and of native addons, translated here so that no room further in sees an errno. */

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** `ENOSPC: no space left on device`, without the call and path that Node appends. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/, \w+( '.*'( -> '.*')?)?$/, '');
}

export function storageError(operation: string, path: string, error: unknown): NetworkError {
  return new NetworkError('storageFailed', { path, operation, reason: reasonOf(error) }, { cause: error });
}
