import { lastAddress } from '../../ip/cidr.js';
import type { SubnetPool } from '../../ip/pools.js';
import { visitInShares } from '../../model/in-shares.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { claimsOn, joinClaims, type ClaimKind, type TakenPrefixes } from './claims.js';
import type { PassedOver } from './explanation.js';
import { describeHolder } from './holders.js';
import { PassedOverList } from './passed-over-list.js';
import { takenRuns } from './taken-runs.js';

/** Who has the blocks of a pool that are not free. */
export interface TakenBlocks {
  /** In the order of their addresses. */
  readonly runs: readonly PassedOver[];
  /** How many blocks that are not free `runs` has no room for. */
  readonly unlisted: bigint;
}

/** Where several have a block it is the first one's, so that the runs of a kind add up to the counts of the pool. */
const ranks: Readonly<Record<ClaimKind, number>> = {
  network: 0,
  reserved: 1,
  interface: 2,
  route: 3,
  'dns-server': 4,
};

/**
 * Lists the runs in turns with other work. The blocks are those of the moment of the call; a network that goes meanwhile is without a name.
 *
 * @param most runs at most
 */
export async function listTaken(
  pool: SubnetPool,
  most: number,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): Promise<TakenBlocks> {
  const { base, prefixBits } = pool;
  const claims = claimsOn(taken, settings);
  const ranked = claims.toSorted((a, b) => ranks[a.kind] - ranks[b.kind]);
  const list = new PassedOverList((kind, prefix) => describeHolder(kind, prefix, taken, settings), most);
  const occupied = joinClaims(claims, settings).countOccupied(base, prefixBits);
  await visitInShares(takenRuns(pool, ranked, lastAddress(base).value + 1n), (run) => list.add(run));
  return { runs: list.entries, unlisted: occupied - list.blocks };
}
