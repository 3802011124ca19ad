import type { Cidr } from '../model/address.js';
import { covers } from './cidr.js';

/**
 * Two prefixes of a list that overlap, the one that comes first in the list before the other; undefined when each is apart from all others.
 * Sorted, a prefix comes right behind what covers it, so each is compared with one other.
 */
export function findOverlapping(cidrs: readonly Cidr[]): readonly [earlier: Cidr, later: Cidr] | undefined {
  const sorted = [...cidrs.entries()].toSorted(([, a], [, b]) => compare(a, b));
  let outer: readonly [index: number, cidr: Cidr] | undefined;
  for (const entry of sorted) {
    const [index, cidr] = entry;
    if (outer !== undefined && covers(outer[1], cidr)) {
      return outer[0] < index ? [outer[1], cidr] : [cidr, outer[1]];
    }
    outer = entry;
  }
  return undefined;
}

/** By family, then by base, and of one base the shorter length first. */
function compare(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.base !== b.base) return a.base < b.base ? -1 : 1;
  return a.prefixBits - b.prefixBits;
}
