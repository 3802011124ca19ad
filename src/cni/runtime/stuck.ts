import type { HeldFile } from '../../host/file-locks/held-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import { encodeFailure } from './intent.js';
import { toAttachment, type CacheEntry } from '../attachments/cache-entry.js';

/**
 * Lets go of an ADD that failed. What could not be undone is left to whoever repairs.
 *
 * @param held its intent
 * @param leftovers of the DELs that failed on the way back
 * @returns what the caller is to throw
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
 * Writes into an intent, once, what keeps its network in use.
 *
 * @param failure undefined for what an earlier request began
 * @returns the error that says so; what is no failure of a plugin or of the disk is returned as it is
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
    // A full disk does not make it another failure.
    if (!(error instanceof NetworkError)) throw error;
  }
}
