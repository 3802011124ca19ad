import type { Cidr } from '../model/address.js';
import { comparePrefixes, covers } from './cidr.js';

/**
 * Two overlapping prefixes of a list, in the order of the list; undefined when no two overlap. In a sorted list a prefix follows the one that
 * covers it, so each is compared with one other.
 */
export function findOverlapping(cidrs: readonly Cidr[]): readonly [earlier: Cidr, later: Cidr] | undefined {
  const sorted = [...cidrs.entries()].toSorted(([, a], [, b]) => comparePrefixes(a, b));
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
