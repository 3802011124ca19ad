import type { FileHashes } from '../model/audited-request.js';
import type { Link } from './chain.js';

/** A request that was announced, and whose outcome is not in the lines behind. */
export interface OpenRequest {
  readonly id: string;
  /** Of all its announcements: a prune has several. */
  readonly changes: readonly FileHashes[];
}

interface Open<T> {
  /** By file; a change that was announced again is there once. */
  readonly changes: Map<string, FileHashes>;
  /** Of the last announcement. */
  place: T;
}

/** Follows which announced requests have an outcome. */
export class OpenRequests<T> {
  readonly #open = new Map<string, Open<T>>();

  /** @param place of the line, for {@link list} */
  note(line: Link & Readonly<Record<string, unknown>>, place: T): void {
    const { id, changes = [] } = line as unknown as Partial<OpenRequest>;
    if (id === undefined) return;
    if (line.event !== 'announced') {
      this.#open.delete(id);
      return;
    }
    const open = this.#open.get(id) ?? { changes: new Map(), place };
    for (const change of changes) open.changes.set(change.file, change);
    open.place = place;
    this.#open.set(id, open);
  }

  list(): readonly { readonly request: OpenRequest; readonly place: T }[] {
    return [...this.#open].map(([id, { changes, place }]) => ({
      request: { id, changes: [...changes.values()] },
      place,
    }));
  }
}
