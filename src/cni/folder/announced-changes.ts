import type { AnnouncedRequest, FileHashes } from '../../model/audited-request.js';
import { sha256 } from '../../model/sha256.js';
import type { DecidedChanges, DraftChange } from './folder-commit.js';

/** The audited request of each decision, with its changes in their order; undefined for one that no audited request asks for, and without a change. */
export function describeChanges(decided: readonly DecidedChanges[]): readonly (AnnouncedRequest | undefined)[] {
  return decided.map(({ claim: { request }, changes }) =>
    request === undefined || changes.length === 0 ? undefined : { request, changes: changes.map(hashesOf) },
  );
}

function hashesOf({ fileName, before, text }: DraftChange): FileHashes {
  return {
    file: fileName,
    before: before?.path === undefined ? null : sha256(before.decoded.text),
    after: text === undefined ? null : sha256(text),
  };
}
