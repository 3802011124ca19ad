import type { HeldFile } from '../../host/file-locks/held-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import { encodeFailure } from './intent.js';
import { toAttachment, type CacheEntry } from '../attachments/cache-entry.js';

/**
 * Removes the intent of an ADD that failed, or leaves it to a later repair when the rollback failed too.
 *
 * @param held its intent
 * @param leftovers errors of the DELs that failed in the rollback
 * @returns the error that the caller is to throw
 */
export function concludeFailure(
  entry: CacheEntry,
  held: HeldFile,
  failure: unknown,
  leftovers: readonly unknown[],
): unknown {
  if (leftovers.length === 0) {
    held.remove();
    return failure;
  }
  const stuck = noteStuck(entry, held, failure, leftovers);
  held.release();
  return stuck;
}

/**
 * Writes into an intent, once, why its attachment keeps the network in use.
 *
 * @param failure of the ADD; undefined for an operation of an earlier request
 * @returns error `attachmentStuck`, or the first error that is no NetworkError
 */
export function noteStuck(entry: CacheEntry, held: HeldFile, failure: unknown, leftovers: readonly unknown[]): unknown {
  const bug = [failure, ...leftovers].find((cause) => cause !== undefined && !(cause instanceof NetworkError));
  if (bug !== undefined) return bug;
  const { containerId, containerName: container = containerId, networkName: network } = toAttachment(entry);
  const [reason, ...messages] = [failure, ...leftovers].map((cause) => (cause as NetworkError | undefined)?.message);
  const stuck = new NetworkError(
    'attachmentStuck',
    { container, network, failure: reason, leftovers: messages.map(String) },
    { cause: failure ?? leftovers[0] },
  );
  note(held, encodeFailure(stuck.message));
  return stuck;
}

function note(held: HeldFile, line: string): void {
  try {
    if (!held.text.includes(line)) held.append(line);
  } catch (error) {
    // The failure of the attachment matters more than a full disk.
    if (!(error instanceof NetworkError)) throw error;
  }
}
