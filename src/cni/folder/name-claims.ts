import type { IndexedFile } from './indexed-file.js';
import { by } from './sorted-list.js';

/** The files that claim each name of a network, by the order of their keys. */
export class NameClaims {
  readonly #claims = new Map<string, readonly IndexedFile[]>();
  /** Names with more than one claim, so that a search for rivals looks at few. */
  readonly #contested = new Set<string>();

  get names(): Iterable<string> {
    return this.#claims.keys();
  }

  /** Every file that claims a name. */
  of(name: string): readonly IndexedFile[] {
    return this.#claims.get(name) ?? [];
  }

  /** The first file that claims a name with a valid network. */
  shown(name: string): IndexedFile | undefined {
    return this.#claims.get(name)?.find((file) => file.decoded.network !== undefined);
  }

  /** Files of names that several files claim. */
  contested(): readonly IndexedFile[] {
    return [...this.#contested].flatMap((name) => this.of(name));
  }

  /** @returns whether no other file claims the name */
  add(name: string, file: IndexedFile): boolean {
    const others = this.of(name);
    this.#claims.set(name, [...others, file].toSorted(by('key')));
    if (others.length > 0) this.#contested.add(name);
    return others.length === 0;
  }

  /** @returns whether no other file claims the name */
  remove(name: string, file: IndexedFile): boolean {
    const left = this.of(name).filter((claim) => claim !== file);
    if (left.length < 2) this.#contested.delete(name);
    if (left.length > 0) this.#claims.set(name, left);
    else this.#claims.delete(name);
    return left.length === 0;
  }
}
