import { ulaRange, usualUla, type SearchedPool, type WantedPrefix } from '../../ip/allocate.js';
import { formatCidr, overlaps } from '../../ip/cidr.js';
import { blocksIn, type SubnetPool } from '../../ip/pools.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { FleetExhaustion } from '../../model/errors/fleet.js';
import type { FleetPool } from '../../model/fleet.js';
import { withheld } from '../../model/withheld.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { claimsOn, firmClaims, type TakenPrefixes } from './claims.js';
import { fleetPoolsOf } from './fleet.js';
import { showHolder, type PrefixHolder } from './holders.js';

/** How many users of the pools the refusal names. */
const namedUsers = 3;

/**
 * Refuses a subnet of which the pools have none, with the pools, and who has most of them.
 *
 * @param pools those that were searched; without one the prefix was to be random
 * @param own subnets of the same request
 * @throws NetworkError exhausted
 */
export function refuseExhausted(
  { family, prefixBits }: WantedPrefix,
  pools: readonly SearchedPool[],
  own: readonly Cidr[],
  taken: TakenPrefixes,
  settings: NetworkSettings,
): never {
  const shared = fleetPoolsOf(family, settings);
  if (family === 6 && pools.length === 0 && shared.length === 0) {
    const pool = { base: ulaRange, prefixBits: prefixBits ?? usualUla };
    throw new NetworkError('ulaExhausted', { users: findLargest([pool], own, taken, settings) });
  }
  throw new NetworkError('subnetsExhausted', {
    family,
    pools: pools.map((pool) => ({
      base: formatCidr(pool.base),
      prefixBits: pool.prefixBits,
      blocks: blocksIn(pool),
    })),
    users: findLargest(pools, own, taken, settings),
    ...(shared.length > 0 && { fleet: describeFleet(shared, prefixBits, settings) }),
  });
}

function describeFleet(
  shared: readonly FleetPool[],
  prefixBits: number | undefined,
  { fleet }: NetworkSettings,
): FleetExhaustion {
  const roomy = shared.filter(({ blockBits }) => prefixBits === undefined || prefixBits >= blockBits);
  return { pools: roomy.map(({ base }) => formatCidr(base)), hostIndex: fleet?.hostIndex, reason: undefined };
}

/** Texts of the holders of most blocks, such as `network web (16)`, the largest first; none where not all of them may be named. */
function findLargest(
  pools: readonly SubnetPool[],
  own: readonly Cidr[],
  taken: TakenPrefixes,
  settings: NetworkSettings,
): readonly string[] {
  const users = new Map<string, bigint>();
  const count = (user: string, prefix: Cidr, pool: SubnetPool) =>
    users.set(user, (users.get(user) ?? 0n) + countBlocks(prefix, pool));
  for (const pool of pools) {
    const bases = new Set<bigint>();
    for (const cidr of own) if (overlaps(cidr, pool.base)) count('this request', cidr, pool);
    for (const { kind, prefixes } of firmClaims(claimsOn(taken, settings))) {
      for (const prefix of prefixes.members(pool.base)) {
        // The bridge of a network has its prefix too.
        if (kind === 'interface' && (bases.has(prefix.base) || taken.used.overlaps(prefix))) continue;
        if (kind === 'network') bases.add(prefix.base);
        const holder = showHolder(kind, prefix, taken, settings);
        if (holder === withheld) return [];
        count(describeUser(holder), prefix, pool);
      }
    }
  }
  return [...users]
    .toSorted(([, a], [, b]) => (a === b ? 0 : a > b ? -1 : 1))
    .slice(0, namedUsers)
    .map(([user, blocks]) => `${user} (${blocks})`);
}

function describeUser({ kind, prefix, name, file, reason }: PrefixHolder): string {
  const has = name ?? file ?? formatCidr(prefix);
  return kind === 'reserved' ? `reserved ${formatCidr(prefix)}: ${reason ?? ''}` : `${kind} ${has}`;
}

/** How many blocks of a pool a prefix takes, in part or whole. */
function countBlocks(prefix: Cidr, { base, prefixBits }: SubnetPool): bigint {
  const takenBits = Math.max(prefix.prefixBits, base.prefixBits);
  return takenBits >= prefixBits ? 1n : 1n << BigInt(prefixBits - takenBits);
}
