import type { Cidr } from '../model/address.js';
import { PrefixSet } from './prefix-set.js';

/**
 * Joins sets into one, in which a search takes no longer for members of different sets that alternate. A join applies the changes since the
 * last one, so that sets which change little cost little.
 */
export class PrefixUnion {
  #parts: readonly PrefixSet[] = [];
  #joined = PrefixSet.empty;

  /** A set that overlaps whatever one of the parts overlaps. */
  join(parts: readonly PrefixSet[]): PrefixSet {
    let joined = this.#joined;
    const visitor = {
      added: (cidr: Cidr) => (joined = joined.add(cidr)),
      removed: (cidr: Cidr) => (joined = joined.remove(cidr)),
    };
    for (let at = 0; at < Math.max(parts.length, this.#parts.length); at += 1) {
      (this.#parts[at] ?? PrefixSet.empty).compare(parts[at] ?? PrefixSet.empty, visitor);
    }
    this.#parts = parts;
    this.#joined = joined;
    return joined;
  }
}
