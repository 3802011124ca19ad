import { isSameCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { IndexedFile } from './indexed-file.js';

interface PrefixUse {
  readonly prefix: Cidr;
  readonly file: IndexedFile;
}

/** Which files have a prefix. */
export class PrefixUsers {
  /** By the base as a number, which few prefixes share. */
  readonly #uses = new Map<number, PrefixUse[]>();

  add(prefix: Cidr, file: IndexedFile): void {
    const key = Number(prefix.base);
    const uses = this.#uses.get(key);
    if (uses === undefined) this.#uses.set(key, [{ prefix, file }]);
    else uses.push({ prefix, file });
  }

  /** Undoes one `add`. */
  remove(prefix: Cidr, file: IndexedFile): void {
    const key = Number(prefix.base);
    const uses = this.#uses.get(key) ?? [];
    const at = uses.findIndex((use) => use.file === file && isSameCidr(use.prefix, prefix));
    if (at !== -1) uses.splice(at, 1);
    if (uses.length === 0) this.#uses.delete(key);
  }

  /** The files that have exactly this prefix, in the order in which they came. */
  of(prefix: Cidr): readonly IndexedFile[] {
    return (this.#uses.get(Number(prefix.base)) ?? [])
      .filter((use) => isSameCidr(use.prefix, prefix))
      .map(({ file }) => file);
  }
}
