import { covers } from './cidr.js';
import type { Cidr } from '../model/address.js';
import { inHighHalf } from './prefix-trie.js';
import type { Trie, TrieNode } from './prefix-trie.js';

/** Receives each member of one of two tries that the other lacks. */
export interface DifferenceVisitor {
  added(cidr: Cidr): void;
  removed(cidr: Cidr): void;
}

/** Compares two tries. A part that both share is passed over, so a change of one member takes as many steps as an address has bits. */
export function compareTries(before: Trie, after: Trie, visitor: DifferenceVisitor): void {
  if (before === after) return;
  if (before === undefined) visitAll(after, (cidr) => visitor.added(cidr));
  else if (after === undefined) visitAll(before, (cidr) => visitor.removed(cidr));
  else if (before.cidr.prefixBits === after.cidr.prefixBits && covers(before.cidr, after.cidr)) {
    if (before.count === 0 && after.count > 0) visitor.added(after.cidr);
    if (before.count > 0 && after.count === 0) visitor.removed(before.cidr);
    compareTries(before.low, after.low, visitor);
    compareTries(before.high, after.high, visitor);
  } else if (covers(before.cidr, after.cidr)) {
    if (before.count > 0) visitor.removed(before.cidr);
    const [low, high] = halvesAround(before, after);
    compareTries(before.low, low, visitor);
    compareTries(before.high, high, visitor);
  } else if (covers(after.cidr, before.cidr)) {
    if (after.count > 0) visitor.added(after.cidr);
    const [low, high] = halvesAround(after, before);
    compareTries(low, after.low, visitor);
    compareTries(high, after.high, visitor);
  } else {
    compareTries(before, undefined, visitor);
    compareTries(undefined, after, visitor);
  }
}

/** The parts of `inner` in the low and the high half of `outer`, of which one is empty. */
function halvesAround(outer: TrieNode, inner: TrieNode): readonly [low: Trie, high: Trie] {
  return inHighHalf(inner.cidr, outer.cidr) ? [undefined, inner] : [inner, undefined];
}

function visitAll(node: Trie, visit: (cidr: Cidr) => void): void {
  if (node === undefined) return;
  if (node.count > 0) visit(node.cidr);
  visitAll(node.low, visit);
  visitAll(node.high, visit);
}
