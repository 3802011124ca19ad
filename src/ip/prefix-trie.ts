import { bitsOf, covers, lastAddress, makeCidr, networkAddress, overlaps, smallestCover } from './cidr.js';
import type { Cidr } from '../model/address.js';

/**
 * A node of an immutable path-compressed binary trie of prefixes of one family.
 * The node is a member (`count` > 0), or has two children, or both. An empty trie is undefined.
 */
export interface TrieNode {
  readonly cidr: Cidr;
  /** How often the prefix was added; 0 for a node that only joins two children. */
  readonly count: number;
  readonly low: TrieNode | undefined;
  readonly high: TrieNode | undefined;
  /** Prefix length of the largest free block inside `cidr`; `noBlock` when none is free. */
  readonly freeBits: number;
}

export type Trie = TrieNode | undefined;

/** Longer than any prefix. */
const noBlock = 129;

export function insert(node: Trie, cidr: Cidr): TrieNode {
  if (node === undefined) return makeNode(cidr, 1, undefined, undefined);
  if (covers(node.cidr, cidr)) {
    const { count, low, high } = node;
    if (node.cidr.prefixBits === cidr.prefixBits) return makeNode(node.cidr, count + 1, low, high);
    return inHighHalf(cidr, node.cidr)
      ? makeNode(node.cidr, count, low, insert(high, cidr))
      : makeNode(node.cidr, count, insert(low, cidr), high);
  }
  if (covers(cidr, node.cidr)) return makeParent(cidr, 1, node, undefined);
  return makeParent(smallestCover(cidr, node.cidr), 0, node, makeNode(cidr, 1, undefined, undefined));
}

/** The trie with one addition of `cidr` undone; `node` itself when it lacks the prefix. */
export function remove(node: Trie, cidr: Cidr): Trie {
  if (node === undefined || !covers(node.cidr, cidr)) return node;
  const { count, low, high } = node;
  if (node.cidr.prefixBits === cidr.prefixBits) return count === 0 ? node : collapse(node.cidr, count - 1, low, high);
  const isHigh = inHighHalf(cidr, node.cidr);
  const child = isHigh ? high : low;
  const rest = remove(child, cidr);
  if (rest === child) return node;
  return isHigh ? collapse(node.cidr, count, low, rest) : collapse(node.cidr, count, rest, high);
}

/** A member that overlaps `cidr`, preferably one that covers it; undefined when none overlaps. */
export function findOverlap(root: Trie, cidr: Cidr): Cidr | undefined {
  let node = findTopmost(root, cidr);
  while (node !== undefined && node.count === 0) node = node.low;
  return node?.cidr;
}

/** Base of the lowest free block of length `prefixBits` inside `within` at or above `from`; undefined when none is free. */
export function findFree(root: Trie, within: Cidr, prefixBits: number, from: bigint): bigint | undefined {
  return findFreeBelow(findTopmost(root, within), within, prefixBits, from);
}

/** @param node the topmost one inside `region`, or a member that covers it; undefined when the region is free */
function findFreeBelow(node: Trie, region: Cidr, prefixBits: number, from: bigint): bigint | undefined {
  if (freeBitsIn(region.prefixBits, node) > prefixBits) return undefined;
  const last = lastAddress(region).value;
  if (from > last) return undefined;
  if (node === undefined) {
    const block = 1n << BigInt(bitsOf(region.family) - prefixBits);
    const start = from <= region.base ? region.base : ((from + block - 1n) / block) * block;
    return start <= last ? start : undefined;
  }
  // The first test decides for every half but the one that contains `from`, so at most one search is in vain.
  const [low, high] = split(node, region);
  const [lowHalf, highHalf] = halve(region);
  return findFreeBelow(low, lowHalf, prefixBits, from) ?? findFreeBelow(high, highHalf, prefixBits, from);
}

/** The outermost member that covers `cidr`, else the topmost node inside it, else undefined. */
export function findTopmost(root: Trie, cidr: Cidr): Trie {
  let node = root;
  while (node !== undefined && overlaps(node.cidr, cidr)) {
    if (node.count > 0 || node.cidr.prefixBits >= cidr.prefixBits) return node;
    node = inHighHalf(cidr, node.cidr) ? node.high : node.low;
  }
  return undefined;
}

export function makeNode(cidr: Cidr, count: number, low: Trie, high: Trie): TrieNode {
  const halfBits = cidr.prefixBits + 1;
  const freeBits = count > 0 ? noBlock : Math.min(freeBitsIn(halfBits, low), freeBitsIn(halfBits, high));
  return { cidr, count, low, high, freeBits };
}

/** A node whose children lie in different halves of `cidr`. */
function makeParent(cidr: Cidr, count: number, one: TrieNode, other: Trie): TrieNode {
  return inHighHalf(one.cidr, cidr) ? makeNode(cidr, count, other, one) : makeNode(cidr, count, one, other);
}

/** Keeps the node only while it is a member or joins two children. */
function collapse(cidr: Cidr, count: number, low: Trie, high: Trie): Trie {
  if (count > 0 || (low !== undefined && high !== undefined)) return makeNode(cidr, count, low, high);
  return low ?? high;
}

/** Prefix length of the largest free block in a region of length `regionBits` with `node` as its topmost; longer than any when none is free. */
export function freeBitsIn(regionBits: number, node: Trie): number {
  if (node === undefined) return regionBits;
  // A node further down leaves the other half of the region empty.
  return node.cidr.prefixBits > regionBits ? regionBits + 1 : node.freeBits;
}

/** The parts of `node` in the low and the high half of `region`. */
function split(node: TrieNode, region: Cidr): readonly [Trie, Trie] {
  if (node.cidr.prefixBits === region.prefixBits) return [node.low, node.high];
  return inHighHalf(node.cidr, region) ? [undefined, node] : [node, undefined];
}

/** The low and the high half of a prefix. */
export function halve(region: Cidr): readonly [Cidr, Cidr] {
  const halfBits = region.prefixBits + 1;
  return [makeCidr(networkAddress(region), halfBits), makeCidr(lastAddress(region), halfBits)];
}

/** Whether `inner`, a proper part of `outer`, lies in its high half. */
export function inHighHalf(inner: Cidr, outer: Cidr): boolean {
  return ((inner.base >> BigInt(bitsOf(outer.family) - outer.prefixBits - 1)) & 1n) === 1n;
}
