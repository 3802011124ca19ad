import type { Cidr } from '../model/address.js';
import type { FleetPool } from '../model/fleet.js';
import { bitsOf, comparePrefixes, covers, lastAddress, makeCidr, networkAddress, overlaps } from './cidr.js';
import type { SubnetPool } from './pools.js';

/** How many blocks a pool has. */
export function countBlocks({ base, blockBits }: Pick<FleetPool, 'base' | 'blockBits'>): bigint {
  return 1n << BigInt(blockBits - base.prefixBits);
}

/** The block of an index, which counts from 0 at the pool's lowest address. @throws RangeError for an index that the pool does not have */
export function blockAt(pool: Pick<FleetPool, 'base' | 'blockBits'>, index: bigint): Cidr {
  if (index < 0n || index >= countBlocks(pool)) throw new RangeError(`the pool has no block ${index}`);
  const { base, blockBits } = pool;
  return makeCidr({ family: base.family, value: base.base + (index << hostBits(pool)) }, blockBits);
}

/** The index of the block that has an address or prefix. @param prefix one that lies in a single block of the pool @throws RangeError for another */
export function indexOfBlock(pool: Pick<FleetPool, 'base' | 'blockBits'>, prefix: Cidr): bigint {
  if (!covers(pool.base, prefix) || prefix.prefixBits < pool.blockBits)
    throw new RangeError('the prefix lies in no single block of the pool');
  return (prefix.base - pool.base.base) >> hostBits(pool);
}

/**
 * The blocks of a pool that a prefix overlaps, the lowest first; undefined where there are more than `limit`, and an empty list where there
 * are none.
 */
export function blocksOver(
  pool: Pick<FleetPool, 'base' | 'blockBits'>,
  prefix: Cidr,
  limit: number,
): readonly Cidr[] | undefined {
  if (!overlaps(pool.base, prefix)) return [];
  const part = prefix.prefixBits > pool.base.prefixBits ? prefix : pool.base;
  if (part.prefixBits >= pool.blockBits) return [makeCidr(networkAddress(part), pool.blockBits)];
  const count = countBlocks({ base: part, blockBits: pool.blockBits });
  if (count > BigInt(limit)) return undefined;
  return Array.from({ length: Number(count) }, (_, index) =>
    blockAt({ base: part, blockBits: pool.blockBits }, BigInt(index)),
  );
}

/** The part of a prefix that no block covers, from its lowest address on; undefined where blocks cover the whole. @param blocks that do not overlap */
export function firstUncovered(prefix: Cidr, blocks: readonly Cidr[]): bigint | undefined {
  let next = prefix.base;
  for (const block of blocks.toSorted(comparePrefixes)) {
    if (!overlaps(block, prefix)) continue;
    if (block.base > next) return next;
    next = lastAddress(block).value + 1n;
  }
  return next > lastAddress(prefix).value ? undefined : next;
}

/** The parts of a prefix that no block covers, each as large as can be, in order. @param blocks that do not overlap */
export function uncoveredParts(prefix: Cidr, blocks: readonly Cidr[]): readonly Cidr[] {
  const inside = blocks.filter((block) => overlaps(block, prefix));
  if (inside.length === 0) return [prefix];
  if (inside.some((block) => covers(block, prefix))) return [];
  const half = { base: prefix, blockBits: prefix.prefixBits + 1 };
  return [0n, 1n].flatMap((index) => uncoveredParts(blockAt(half, index), inside));
}

/**
 * Own blocks as the pools that subnets come from: in the order of the fleet's pools, the lowest first.
 *
 * @param own blocks; those that belong to no pool are left out
 */
export function poolsOfBlocks(pools: readonly FleetPool[], own: readonly Cidr[]): readonly SubnetPool[] {
  const sorted = own.toSorted(comparePrefixes);
  return pools.flatMap(({ base, blockBits, prefixBits }) =>
    sorted
      .filter((block) => block.prefixBits === blockBits && covers(base, block))
      .map((block) => ({ base: block, prefixBits })),
  );
}

/** The blocks of a host without a store: that of its index in each pool. @throws RangeError for an index that a pool does not have */
export function cutByIndex(pools: readonly FleetPool[], index: number): readonly Cidr[] {
  return pools.map((pool) => blockAt(pool, BigInt(index)));
}

function hostBits({ base, blockBits }: Pick<FleetPool, 'base' | 'blockBits'>): bigint {
  return BigInt(bitsOf(base.family) - blockBits);
}
