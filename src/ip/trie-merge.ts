import { covers, smallestCover } from './cidr.js';
import { inHighHalf, makeNode } from './prefix-trie.js';
import type { Trie, TrieNode } from './prefix-trie.js';

/** The trie with the members of both, which shares with them the parts that only one has. */
export function mergeTries(one: Trie, other: Trie): Trie {
  if (one === undefined || other === undefined) return one ?? other;
  if (covers(one.cidr, other.cidr)) return mergeInto(one, other);
  if (covers(other.cidr, one.cidr)) return mergeInto(other, one);
  const cover = smallestCover(one.cidr, other.cidr);
  return inHighHalf(one.cidr, cover) ? makeNode(cover, 0, other, one) : makeNode(cover, 0, one, other);
}

/** @param outer a node that covers the other */
function mergeInto({ cidr, count, low, high }: TrieNode, inner: TrieNode): TrieNode {
  if (inner.cidr.prefixBits === cidr.prefixBits) {
    return makeNode(cidr, count + inner.count, mergeTries(low, inner.low), mergeTries(high, inner.high));
  }
  return inHighHalf(inner.cidr, cidr)
    ? makeNode(cidr, count, low, mergeTries(high, inner))
    : makeNode(cidr, count, mergeTries(low, inner), high);
}
