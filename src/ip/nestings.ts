import type { Cidr } from '../model/address.js';
import { comparePrefixes, covers } from './cidr.js';

/** Something that has a prefix. */
export interface Prefixed {
  readonly prefix: Cidr;
}

/** An item, and all others whose prefixes cover its prefix, the shortest prefix first. */
export interface Nesting<T extends Prefixed> {
  readonly inner: T;
  readonly outer: readonly T[];
}

/**
 * The items whose prefixes lie in those of others. Prefixes overlap in no other way, so each pair that overlaps is in one nesting; of two items
 * with equal prefixes the later one is the inner one.
 */
export function* findNestings<T extends Prefixed>(items: readonly T[]): Generator<Nesting<T>, undefined> {
  // In this order, the prefixes that cover one are those that began before it and have not ended.
  const outer: T[] = [];
  for (const inner of items.toSorted((a, b) => comparePrefixes(a.prefix, b.prefix))) {
    for (let last = outer.at(-1); last !== undefined && !covers(last.prefix, inner.prefix); last = outer.at(-1))
      outer.pop();
    if (outer.length > 0) yield { inner, outer: [...outer] };
    outer.push(inner);
  }
}
