import type { Cidr } from '../model/address.js';
import { bitsOf } from './cidr.js';
import { findTopmost, freeBitsIn } from './prefix-trie.js';
import type { Trie } from './prefix-trie.js';

/** A free block that lies in no larger free one. */
interface Hole {
  readonly base: bigint;
  readonly prefixBits: number;
}

/** The smallest hole in `within` that has room for a block of length `prefixBits`, the lowest of several; undefined when none has. */
export function findBestFit(root: Trie, within: Cidr, prefixBits: number): Hole | undefined {
  return findSmallest(findTopmost(root, within), within.base, within.prefixBits, prefixBits, bitsOf(within.family));
}

/**
 * Looks into every part with room for the block until a hole fits exactly.
 *
 * @param node the topmost one of the region, which begins at `base`
 */
function findSmallest(
  node: Trie,
  base: bigint,
  regionBits: number,
  prefixBits: number,
  width: number,
): Hole | undefined {
  if (freeBitsIn(regionBits, node) > prefixBits) return undefined;
  if (node === undefined) return { base, prefixBits: regionBits };
  const nodeBits = node.cidr.prefixBits;
  if (nodeBits > regionBits) {
    // Each bit between the region and the node leaves a free half; the last of them is the smallest.
    const beside = besideNode(node.cidr.base, Math.min(nodeBits, prefixBits), width);
    if (nodeBits >= prefixBits) return beside;
    return findSmallest(node, node.cidr.base, nodeBits, prefixBits, width) ?? beside;
  }
  const halfBits = regionBits + 1;
  const low = findSmallest(node.low, base, halfBits, prefixBits, width);
  if (low?.prefixBits === prefixBits) return low;
  const high = findSmallest(node.high, base + (1n << BigInt(width - halfBits)), halfBits, prefixBits, width);
  if (low === undefined || high === undefined) return low ?? high;
  return high.prefixBits > low.prefixBits ? high : low;
}

/** The other half of the prefix that is one bit shorter than the node's part of length `prefixBits`. */
function besideNode(nodeBase: bigint, prefixBits: number, width: number): Hole {
  const hostBits = BigInt(width - prefixBits);
  return { base: ((nodeBase >> hostBits) ^ 1n) << hostBits, prefixBits };
}
