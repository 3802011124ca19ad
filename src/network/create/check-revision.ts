import { formatCidr } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { ExpectedRevisions } from '../../model/revision.js';
import { sha256 } from '../../model/sha256.js';
import type { Draft } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';

/** Stands for all that a plan rests on: the folder, the host, and the settings of addresses. 32 hexadecimal digits. */
export function revisionOf(draft: Pick<Draft, 'revision'>, settings: NetworkSettings): string {
  const { subnetPools, fleet, reserved, avoidRoutes, avoidDnsServers } = settings;
  const rows = [
    draft.revision,
    `${avoidRoutes} ${avoidDnsServers}`,
    ...subnetPools.map(({ base, prefixBits }) => `${formatCidr(base)} ${prefixBits}`),
    ...(fleet?.pools.map(({ base, blockBits }) => `fleet ${formatCidr(base)} ${blockBits}`) ?? []),
    // Pools and reservations are apart, since only a pool has two parts.
    ...reserved.map(({ prefix }) => formatCidr(prefix)),
  ];
  return sha256(rows.join('\n')).slice(0, 32);
}

/** Refuses a request whose client decided by another state than the current one. @throws NetworkError outdated */
export function checkRevision(
  draft: Pick<Draft, 'revision'>,
  settings: NetworkSettings,
  expected: ExpectedRevisions,
): void {
  if (expected === undefined) return;
  const current = revisionOf(draft, settings);
  if (!expected.includes(current)) {
    throw new NetworkError('revisionOutdated', { expected: expected.join(', '), current });
  }
}
