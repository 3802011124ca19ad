import { bitsOf, makeCidr } from './cidr.js';
import type { Cidr } from '../model/address.js';
import { findFree, findOverlap, insert, remove } from './prefix-trie.js';
import type { Trie } from './prefix-trie.js';

/**
 * An immutable multiset of used prefixes; a change returns a new set that shares all but one path with the old one.
 * A prefix counts as often as it was added. Every operation takes at most as many steps as an address has bits.
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

  private trieOf(c: Cidr): Trie {
    return c.family === 4 ? this.ipv4 : this.ipv6;
  }

  private replace(c: Cidr, trie: Trie, size: number): PrefixSet {
    return c.family === 4 ? new PrefixSet(trie, this.ipv6, size) : new PrefixSet(this.ipv4, trie, size);
  }
}
