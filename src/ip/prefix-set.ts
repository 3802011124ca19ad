import { bitsOf, makeCidr } from './cidr.js';
import type { Cidr } from '../model/address.js';
import { findBestFit } from './best-fit.js';
import { membersInOrder } from './members-in-order.js';
import { countOccupied, countOccupiedBelow } from './occupied-blocks.js';
import { findFree, findOverlap, findTopmost, freeBitsIn, insert, remove } from './prefix-trie.js';
import type { Trie } from './prefix-trie.js';
import { compareTries, type DifferenceVisitor } from './trie-difference.js';
import { mergeTries } from './trie-merge.js';

/**
 * An immutable multiset of used prefixes; a change returns a new set that shares all but one path with the old one.
 * A prefix counts as often as it was added. An operation takes at most as many steps as an address has bits, unless it says otherwise.
 */
export class PrefixSet {
  static readonly empty = new PrefixSet(undefined, undefined, 0);

  private constructor(
    private readonly ipv4: Trie,
    private readonly ipv6: Trie,
    /** Number of members, each counted as often as it was added. */
    readonly size: number,
  ) {}

  add(c: Cidr): PrefixSet {
    return this.replace(c, insert(this.trieOf(c), c), this.size + 1);
  }

  /** The set with one `add` of the prefix undone; this set when it lacks the prefix. */
  remove(c: Cidr): PrefixSet {
    const trie = this.trieOf(c);
    const rest = remove(trie, c);
    return rest === trie ? this : this.replace(c, rest, this.size - 1);
  }

  overlaps(c: Cidr): boolean {
    return this.overlapping(c) !== undefined;
  }

  /** Some member that overlaps `c`, for messages; undefined when none does. */
  overlapping(c: Cidr): Cidr | undefined {
    return findOverlap(this.trieOf(c), c);
  }

  /** Lowest free block of length `prefixBits` inside `within` at or above address `from`; undefined when none is free. */
  firstFree(within: Cidr, prefixBits: number, from: bigint = within.base): Cidr | undefined {
    if (prefixBits > bitsOf(within.family)) return undefined;
    const base = findFree(this.trieOf(within), within, prefixBits, from);
    return base === undefined ? undefined : makeCidr({ family: within.family, value: base }, prefixBits);
  }

  /**
   * The smallest free block inside `within` that lies in no larger free one and has room for a block of length `prefixBits`; the lowest of
   * several; undefined when none has. Steps: the members inside `within`, at most.
   */
  bestFit(within: Cidr, prefixBits: number): Cidr | undefined {
    const hole = findBestFit(this.trieOf(within), within, prefixBits);
    return hole && makeCidr({ family: within.family, value: hole.base }, hole.prefixBits);
  }

  /** Prefix length of the largest free block inside `within`; undefined when no address is free. */
  largestFree(within: Cidr): number | undefined {
    const bits = freeBitsIn(within.prefixBits, findTopmost(this.trieOf(within), within));
    return bits > bitsOf(within.family) ? undefined : bits;
  }

  /** How many blocks of length `prefixBits` inside `within` overlap a member. Steps: the members inside `within`, at most. */
  countOccupied(within: Cidr, prefixBits: number): bigint {
    return countOccupied(this.trieOf(within), within, prefixBits);
  }

  /** As `countOccupied`, of the blocks that begin below address `until` alone. */
  countOccupiedBelow(within: Cidr, prefixBits: number, until: bigint): bigint {
    return countOccupiedBelow(this.trieOf(within), within, prefixBits, until);
  }

  /** The distinct members that overlap `within` and end at address `from` or later, by first address, a covering one before the covered. */
  members(within: Cidr, from: bigint = within.base): Generator<Cidr, undefined> {
    return membersInOrder(this.trieOf(within), within, from);
  }

  /** The set with the members of both. Steps: the members in parts of the address space where both have some. */
  merge(other: PrefixSet): PrefixSet {
    const [ipv4, ipv6] = [mergeTries(this.ipv4, other.ipv4), mergeTries(this.ipv6, other.ipv6)];
    return new PrefixSet(ipv4, ipv6, this.size + other.size);
  }

  /** Visits the changes that lead from this set to a later one. Steps: for each change as many as an address has bits. */
  compare(later: PrefixSet, visit: DifferenceVisitor): void {
    compareTries(this.ipv4, later.ipv4, visit);
    compareTries(this.ipv6, later.ipv6, visit);
  }

  private trieOf(c: Cidr): Trie {
    return c.family === 4 ? this.ipv4 : this.ipv6;
  }

  private replace(c: Cidr, trie: Trie, size: number): PrefixSet {
    return c.family === 4 ? new PrefixSet(trie, this.ipv6, size) : new PrefixSet(this.ipv4, trie, size);
  }
}
