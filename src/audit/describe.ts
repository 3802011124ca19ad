import type {
  AnnouncedRequest,
  Announcement,
  AuditedRequest,
  AuditOutcome,
  Caller,
  FileHashes,
} from '../model/audited-request.js';
import { rememberEach } from '../model/remember-each.js';
import { writeMembers } from './chain.js';

/** The line that says what a request is about to do. */
export function describeAnnounced({ request, changes }: AnnouncedRequest): Announcement {
  const { network } = request;
  return { description: describe(request, network, changes), network, changes };
}

/** The members of the line that says how a request ended, as {@link writeMembers} writes them. */
export function describeConcluded(request: AuditedRequest, { status, outcome, reason }: AuditOutcome): string {
  const { announcement, network, changes } = request;
  const description =
    announcement !== undefined && isAsAnnounced(announcement, network, changes)
      ? announcement.description
      : describe(request, network, changes);
  return `${description}${writeMembers({ status, outcome, reason })}`;
}

/** Most requests do what they announced; a prune announces its networks in several batches. The changes that are made are those objects which were announced. */
function isAsAnnounced(
  announcement: Announcement,
  network: string | undefined,
  changes: readonly FileHashes[],
): boolean {
  return (
    announcement.network === network &&
    announcement.changes.length === changes.length &&
    announcement.changes.every((change, index) => change === changes[index])
  );
}

function describe(
  { id, operation, caller, findings }: AuditedRequest,
  network: string | undefined,
  changes: readonly FileHashes[],
): string {
  return `${writeMembers({ id, operation })}${describeCaller(caller)}${writeMembers({ network, findings, changes })}`;
}

/** A connection has one caller and many requests. */
const describeCaller = rememberEach(({ socket, role, label, who }: Caller) =>
  writeMembers({ socket, role, label, who }),
);
