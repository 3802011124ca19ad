import { NetworkError } from '../../model/errors/errors.js';
import type { ExpectedRevisions } from '../../model/revision.js';
import type { Draft } from '../dependencies/draft.js';

/** Refuses a request whose client decided by another state of the folder or the host than the current one. @throws NetworkError outdated */
export function checkRevision(draft: Pick<Draft, 'revision'>, expected: ExpectedRevisions): void {
  if (expected === undefined || expected.includes(draft.revision)) return;
  throw new NetworkError('revisionOutdated', { expected: expected.join(', '), current: draft.revision });
}
