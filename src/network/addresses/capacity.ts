import { freeBlocks } from '../../ip/allocate.js';
import { blocksIn, type SubnetPool } from '../../ip/pools.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr, PrefixSize } from '../../model/address.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { poolsOf } from './choose-subnets.js';
import { claimsOn, joinClaims, type TakenPrefixes } from './claims.js';

/**
 * The blocks of a pool, each counted once: as used where a network has a part of it, else as reserved, else as blocked. So
 * `used + reserved + blocked + free` is `total`.
 */
export interface PoolCapacity {
  readonly pool: SubnetPool;
  readonly total: bigint;
  readonly used: bigint;
  readonly reserved: bigint;
  /** Interfaces, routes or DNS servers of the host have a part of them; those of routes and DNS servers are given when no other is free. */
  readonly blocked: bigint;
  readonly free: bigint;
  /** The largest free prefix, the lowest of several; it may be larger than a block, or smaller. Undefined when no address is free. */
  readonly largestFree: Cidr | undefined;
  /** The block that the pool gives next; undefined when none is free. */
  readonly next: Cidr | undefined;
}

const counts = new WeakMap<PrefixSet, WeakMap<SubnetPool, bigint>>();

/** Counts once for each set: between two changes it is the same object. */
function countOccupied(set: PrefixSet, pool: SubnetPool): bigint {
  const known = counts.get(set) ?? new WeakMap<SubnetPool, bigint>();
  counts.set(set, known);
  let count = known.get(pool);
  if (count === undefined) known.set(pool, (count = set.countOccupied(pool.base, pool.prefixBits)));
  return count;
}

/** Counts each pool, in the order of the settings. Steps: the prefixes in the pools, however many blocks they have. */
export function measurePools(taken: TakenPrefixes, settings: NetworkSettings): readonly PoolCapacity[] {
  const claims = claimsOn(taken, settings);
  const used = taken.used;
  const orReserved = joinClaims(
    claims.filter(({ kind }) => kind === 'network' || kind === 'reserved'),
    settings,
  );
  const orBlocked = joinClaims(claims, settings);
  return settings.subnetPools.map((pool) => {
    const { base, prefixBits } = pool;
    const [inUse, andReserved, andBlocked] = [used, orReserved, orBlocked].map((set) => countOccupied(set, pool)) as [
      bigint,
      bigint,
      bigint,
    ];
    const total = blocksIn(pool);
    const largest = orBlocked.largestFree(base);
    return {
      pool,
      total,
      used: inUse,
      reserved: andReserved - inUse,
      blocked: andBlocked - andReserved,
      free: total - andBlocked,
      largestFree: largest === undefined ? undefined : orBlocked.firstFree(base, largest),
      next: orBlocked.firstFree(base, prefixBits),
    };
  });
}

export interface FreePrefixes {
  /** How many there are. */
  readonly count: bigint;
  /** The first of them, in the order of the pools' search, the lowest of a pool first. */
  readonly prefixes: readonly Cidr[];
}

/** Free prefixes of a size; those of routes and DNS servers are not among them. @param limit number of listed ones at most */
export function findFreePrefixes(
  size: PrefixSize,
  limit: number,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): FreePrefixes {
  let set = joinClaims(claimsOn(taken, settings), settings);
  let count = 0n;
  const prefixes: Cidr[] = [];
  for (const pool of poolsOf(size, settings)) {
    count += blocksIn(pool) - set.countOccupied(pool.base, pool.prefixBits);
    for (const prefix of freeBlocks(pool.base, pool.prefixBits, set)) {
      if (prefixes.length >= limit) break;
      prefixes.push(prefix);
    }
    // Pools may overlap.
    set = set.add(pool.base);
  }
  return { count, prefixes };
}
