import type { Cidr } from '../model/address.js';
import { covers, lastAddress } from './cidr.js';
import { inHighHalf } from './prefix-trie.js';
import type { Trie } from './prefix-trie.js';

/** The members that overlap `within` and end at address `from` or later, by first address, a covering one before the covered. */
export function* membersInOrder(root: Trie, within: Cidr, from: bigint): Generator<Cidr, undefined> {
  let node = root;
  while (node !== undefined && node.cidr.prefixBits < within.prefixBits) {
    if (!covers(node.cidr, within)) return undefined;
    if (node.count > 0 && lastAddress(node.cidr).value >= from) yield node.cidr;
    node = inHighHalf(within, node.cidr) ? node.high : node.low;
  }
  if (node === undefined || !covers(within, node.cidr)) return undefined;
  const ahead: Trie[] = [node];
  while (ahead.length > 0) {
    const next = ahead.pop();
    if (next === undefined || (next.cidr.base < from && lastAddress(next.cidr).value < from)) continue;
    if (next.count > 0) yield next.cidr;
    ahead.push(next.high, next.low);
  }
  return undefined;
}
