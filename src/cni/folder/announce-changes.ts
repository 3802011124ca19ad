import type { AuditLog, FileHashes } from '../../model/audited-request.js';
import { sha256 } from '../../model/sha256.js';
import type { DecidedChanges, DraftChange } from './folder-commit.js';

/** Records what the requests of a batch are about to do to files, so that a change without such a record never comes to be. */
export async function announceChanges(
  audit: Pick<AuditLog, 'announce'>,
  decided: readonly DecidedChanges[],
): Promise<void> {
  const requests = decided.flatMap(({ claim: { request }, changes }) =>
    request === undefined ? [] : [{ request, changes: changes.map(hashesOf) }],
  );
  if (requests.length > 0) await audit.announce(requests);
}

export function hashesOf({ fileName, before, text }: DraftChange): FileHashes {
  return {
    file: fileName,
    before: before?.path === undefined ? null : sha256(before.decoded.text),
    after: text === undefined ? null : sha256(text),
  };
}
