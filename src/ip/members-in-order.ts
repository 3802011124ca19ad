import type { Cidr } from '../model/address.js';
import { lastAddress, overlaps } from './cidr.js';
import type { Trie } from './prefix-trie.js';

/** The members that overlap `within` and end at address `from` or later, by first address, a covering one before the covered. */
export function* membersInOrder(root: Trie, within: Cidr, from: bigint): Generator<Cidr, undefined> {
  const ahead = [root];
  while (ahead.length > 0) {
    const node = ahead.pop();
    if (node === undefined || !overlaps(node.cidr, within) || lastAddress(node.cidr).value < from) continue;
    if (node.count > 0) yield node.cidr;
    ahead.push(node.high, node.low);
  }
  return undefined;
}
