import { bitsOf, lastAddress, makeCidr } from '../../ip/cidr.js';
import type { SubnetPool } from '../../ip/pools.js';
import type { Cidr } from '../../model/address.js';
import type { Claim, ClaimKind } from './claims.js';

/** Blocks in a row of which the same prefix has a part. */
export interface TakenRun {
  readonly kind: ClaimKind;
  readonly prefix: Cidr;
  readonly first: Cidr;
  readonly last: Cidr;
}

/**
 * The blocks of a pool that claims overlap, in order; a block of several goes to the first claim. A run takes as many steps as an address has
 * bits, however many blocks it has.
 *
 * @param until address of a block, or behind the last; blocks from there on are left out
 */
export function* takenRuns(pool: SubnetPool, claims: readonly Claim[], until: bigint): Generator<TakenRun, undefined> {
  const { base, prefixBits } = pool;
  const step = 1n << BigInt(bitsOf(base.family) - prefixBits);
  const blockAt = (value: bigint) => makeCidr({ family: base.family, value }, prefixBits);
  let at = firstTaken(base, claims, base.base);
  while (at !== undefined) {
    const first = blockAt(at);
    const holder = findHolder(first, claims);
    if (holder === undefined || first.base >= until) return undefined;
    const { rank, kind, prefix } = holder;
    const next = first.base + step;
    // The run ends with the prefix, or where a claim that goes before has a block.
    const above = firstTaken(base, claims.slice(0, rank), next);
    const ends = [until, prefix.prefixBits < prefixBits ? lastAddress(prefix).value + 1n : next];
    if (above !== undefined) ends.push(blockAt(above).base);
    const end = ends.reduce(least);
    yield { kind, prefix, first, last: blockAt(end - step) };
    at = firstTaken(base, claims, end);
  }
  return undefined;
}

/** The claim that a block is counted for. */
function findHolder(block: Cidr, claims: readonly Claim[]) {
  for (const [rank, { kind, prefixes }] of claims.entries()) {
    const prefix = prefixes.overlapping(block);
    if (prefix !== undefined) return { rank, kind, prefix };
  }
  return undefined;
}

/** The lowest address of a pool, at or above `from`, that a claim has; undefined when none has one. */
function firstTaken(pool: Cidr, claims: readonly Claim[], from: bigint): bigint | undefined {
  const starts = claims.flatMap(({ prefixes }) => {
    const { value } = prefixes.members(pool, from).next();
    return value === undefined ? [] : [value.base > from ? value.base : from];
  });
  return starts.length === 0 ? undefined : starts.reduce(least);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
