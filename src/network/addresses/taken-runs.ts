import { bitsOf, lastAddress, makeCidr } from '../../ip/cidr.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
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
 * The blocks of a pool that claims overlap, in order; a block of several goes to the first claim. It goes once through the prefixes in the pool,
 * however many blocks they have.
 *
 * @param until address of a block, or behind the last; blocks from there on are left out
 */
export function* takenRuns(pool: SubnetPool, claims: readonly Claim[], until: bigint): Generator<TakenRun, undefined> {
  const { base, prefixBits } = pool;
  const step = 1n << BigInt(bitsOf(base.family) - prefixBits);
  const blockAt = (value: bigint) => makeCidr({ family: base.family, value }, prefixBits);
  const cursors = claims.map(({ prefixes }) => new Cursor(prefixes, base));
  for (let at = base.base; ;) {
    const start = lowestStart(cursors, at);
    if (start === undefined) return undefined;
    const first = blockAt(start);
    if (first.base >= until) return undefined;
    for (const cursor of cursors) cursor.skipTo(first.base);
    const next = first.base + step;
    // The least start is in this block, so some claim has a part of it.
    const rank = cursors.findIndex(({ head }) => head !== undefined && head.base < next);
    const [kind, prefix] = [claims[rank]?.kind, cursors[rank]?.head];
    if (kind === undefined || prefix === undefined) return undefined;
    // The run ends with the prefix, or where a claim that goes before has a block.
    const above = lowestStart(cursors.slice(0, rank), next);
    const ends = [until, prefix.prefixBits < prefixBits ? lastAddress(prefix).value + 1n : next];
    if (above !== undefined) ends.push(blockAt(above).base);
    const end = ends.reduce(least);
    yield { kind, prefix, first, last: blockAt(end - step) };
    for (const cursor of cursors) cursor.skipTo(end);
    at = end;
  }
}

/** Goes forward through the members of a set in a pool. */
class Cursor {
  /** The first member that ends at the place of the cursor or behind it; undefined when none does. */
  head: Cidr | undefined;
  readonly #members: Generator<Cidr, undefined>;

  constructor(prefixes: PrefixSet, pool: Cidr) {
    this.#members = prefixes.members(pool);
    this.head = this.#members.next().value;
  }

  skipTo(at: bigint): void {
    while (this.head !== undefined && lastAddress(this.head).value < at) this.head = this.#members.next().value;
  }
}

/** The lowest address at or above `at` that a member at a cursor has; undefined when none has one. */
function lowestStart(cursors: readonly Cursor[], at: bigint): bigint | undefined {
  let lowest: bigint | undefined;
  for (const { head } of cursors) {
    if (head === undefined) continue;
    const start = head.base > at ? head.base : at;
    if (lowest === undefined || start < lowest) lowest = start;
  }
  return lowest;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
