import type { Cidr } from '../model/address.js';
import { PrefixSet } from './prefix-set.js';

/** As many changes, made one by one, take about as long as joining ten thousand prefixes anew. */
const fewChanges = 1_000;

/**
 * Joins sets into one, in which a search takes no longer for members of different sets that alternate. A join applies the changes since the
 * last one, so that sets which change little cost little.
 */
export class PrefixUnion {
  #parts: readonly PrefixSet[] | undefined;
  #joined = PrefixSet.empty;

  /** A set that overlaps whatever one of the parts overlaps. @param parts as many each time */
  join(parts: readonly PrefixSet[]): PrefixSet {
    if (this.#parts === undefined || !this.#tryUpdate(this.#parts, parts))
      this.#joined = parts.reduce((sum, part) => sum.merge(part), PrefixSet.empty);
    this.#parts = parts;
    return this.#joined;
  }

  /** @returns whether the changes were few enough to be made one by one */
  #tryUpdate(before: readonly PrefixSet[], after: readonly PrefixSet[]): boolean {
    const changes: (readonly [cidr: Cidr, more: number])[] = [];
    for (const [at, part] of before.entries()) {
      part.compare(after[at] ?? PrefixSet.empty, (cidr, more) => {
        if (changes.length <= fewChanges) changes.push([cidr, more]);
      });
    }
    if (changes.length > fewChanges) return false;
    for (const [cidr, more] of changes) {
      for (let left = more; left > 0; left -= 1) this.#joined = this.#joined.add(cidr);
      for (let left = more; left < 0; left += 1) this.#joined = this.#joined.remove(cidr);
    }
    return true;
  }
}
