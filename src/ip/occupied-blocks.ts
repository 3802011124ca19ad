import type { Cidr } from '../model/address.js';
import { lastAddress } from './cidr.js';
import { findTopmost, halve } from './prefix-trie.js';
import type { Trie } from './prefix-trie.js';

/** How many blocks of length `prefixBits` in `within` overlap a member. Steps: the nodes of the trie in `within`, at most. */
export function countOccupied(root: Trie, within: Cidr, prefixBits: number): bigint {
  return countIn(findTopmost(root, within), within.prefixBits, prefixBits);
}

/** As {@link countOccupied}, of the blocks that begin below address `until` alone. */
export function countOccupiedBelow(root: Trie, within: Cidr, prefixBits: number, until: bigint): bigint {
  if (until <= within.base) return 0n;
  if (until > lastAddress(within).value || within.prefixBits === prefixBits)
    return countOccupied(root, within, prefixBits);
  return halve(within).reduce((sum, half) => sum + countOccupiedBelow(root, half, prefixBits, until), 0n);
}

/** @param node the topmost one of a region of length `regionBits` */
function countIn(node: Trie, regionBits: number, prefixBits: number): bigint {
  if (node === undefined) return 0n;
  const { cidr, count, low, high } = node;
  // A node further down leaves the rest of the region empty.
  const insideBits = Math.max(regionBits, cidr.prefixBits);
  if (insideBits >= prefixBits) return 1n;
  if (count > 0) return 1n << BigInt(prefixBits - insideBits);
  return countIn(low, insideBits + 1, prefixBits) + countIn(high, insideBits + 1, prefixBits);
}
