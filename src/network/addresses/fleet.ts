import { blocksOver, firstUncovered } from '../../ip/blocks.js';
import { covers, formatCidr, overlaps } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { mostBlocksOfSubnet, type FleetPool } from '../../model/fleet.js';
import type { FleetInForce, NetworkSettings } from '../dependencies/settings.js';

/** The pools of a fleet from which this host takes subnets of a family, and from no other pool; none where the family is not the fleet's. */
export function fleetPoolsOf(family: Family, { fleet }: Pick<NetworkSettings, 'fleet'>): readonly FleetPool[] {
  return fleet?.pools.filter(({ base }) => base.family === family) ?? [];
}

/** The pools of a fleet in which a subnet lies, in part or whole, beside the blocks of this host. */
export function* poolsOfOthers(cidr: Cidr, fleet: FleetInForce | undefined): Generator<FleetPool, undefined> {
  for (const pool of fleet?.pools ?? []) {
    if (!overlaps(pool.base, cidr)) continue;
    const shared = covers(pool.base, cidr) ? cidr : pool.base;
    if (firstUncovered(shared, ownIn(pool, fleet)) !== undefined) yield pool;
  }
}

/** @param pool one of {@link poolsOfOthers} @throws NetworkError exists */
export function refuseBlocksOfOthers(cidr: Cidr, pool: FleetPool, fleet: FleetInForce | undefined): never {
  const { base, blockBits } = pool;
  const named = { subnet: formatCidr(cidr), pool: formatCidr(base) };
  if (blocksOver(pool, cidr, mostBlocksOfSubnet) === undefined)
    throw new NetworkError('fleetSubnetTooWide', { ...named, blockBits, limit: mostBlocksOfSubnet });
  const blocks = ownIn(pool, fleet).map(formatCidr);
  throw new NetworkError('fleetBlockNeeded', { ...named, blocks, hostIndex: fleet?.hostIndex, reason: undefined });
}

function ownIn({ base }: FleetPool, fleet: FleetInForce | undefined): readonly Cidr[] {
  return fleet?.own.filter((block) => covers(base, block)) ?? [];
}
