import { covers } from './cidr.js';
import type { Cidr } from '../model/address.js';
import { inHighHalf } from './prefix-trie.js';
import type { Trie, TrieNode } from './prefix-trie.js';

/** Receives a prefix that one trie has more often than the other: `more` times, which is negative where the later one has fewer. */
export type DifferenceVisitor = (cidr: Cidr, more: number) => void;

/** Compares two tries. A part that both share is passed over, so a change of one member takes as many steps as an address has bits. */
export function compareTries(before: Trie, after: Trie, visit: DifferenceVisitor): void {
  if (before === after) return;
  if (before === undefined || after === undefined) {
    const sign = before === undefined ? 1 : -1;
    visitAll(before ?? after, (cidr, count) => visit(cidr, sign * count));
  } else if (before.cidr.prefixBits === after.cidr.prefixBits && covers(before.cidr, after.cidr)) {
    if (before.count !== after.count) visit(after.cidr, after.count - before.count);
    compareTries(before.low, after.low, visit);
    compareTries(before.high, after.high, visit);
  } else if (covers(before.cidr, after.cidr)) {
    if (before.count > 0) visit(before.cidr, -before.count);
    const [low, high] = halvesAround(before, after);
    compareTries(before.low, low, visit);
    compareTries(before.high, high, visit);
  } else if (covers(after.cidr, before.cidr)) {
    if (after.count > 0) visit(after.cidr, after.count);
    const [low, high] = halvesAround(after, before);
    compareTries(low, after.low, visit);
    compareTries(high, after.high, visit);
  } else {
    compareTries(before, undefined, visit);
    compareTries(undefined, after, visit);
  }
}

/** The parts of `inner` in the low and the high half of `outer`, of which one is empty. */
function halvesAround(outer: TrieNode, inner: TrieNode): readonly [low: Trie, high: Trie] {
  return inHighHalf(inner.cidr, outer.cidr) ? [undefined, inner] : [inner, undefined];
}

function visitAll(node: Trie, visit: DifferenceVisitor): void {
  if (node === undefined) return;
  if (node.count > 0) visit(node.cidr, node.count);
  visitAll(node.low, visit);
  visitAll(node.high, visit);
}
