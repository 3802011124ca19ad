import type { Cidr } from '../model/address.js';
import { PrefixSet } from './prefix-set.js';

/**
 * Joins sets into one, in which a search takes no longer for members of different sets that alternate. A join applies the changes since the
 * last one, so that sets which change little cost little.
 */
export class PrefixUnion {
  #parts: readonly PrefixSet[] | undefined;
  #joined = PrefixSet.empty;

  /** A set that overlaps whatever one of the parts overlaps. @param parts as many each time */
  join(parts: readonly PrefixSet[]): PrefixSet {
    if (this.#parts === undefined) this.#joined = parts.reduce((sum, part) => sum.merge(part), PrefixSet.empty);
    else for (const [at, part] of this.#parts.entries()) this.#update(part, parts[at] ?? PrefixSet.empty);
    this.#parts = parts;
    return this.#joined;
  }

  #update(before: PrefixSet, after: PrefixSet): void {
    before.compare(after, (cidr: Cidr, more: number) => {
      for (let left = more; left > 0; left -= 1) this.#joined = this.#joined.add(cidr);
      for (let left = more; left < 0; left += 1) this.#joined = this.#joined.remove(cidr);
    });
  }
}
