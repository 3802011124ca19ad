import type { FileHashes } from '../model/audited-request.js';
import type { Link } from './chain.js';

/** A request that was announced, and whose outcome is not in the lines behind. */
export interface OpenRequest {
  readonly id: string;
  readonly changes: readonly FileHashes[];
}

/** Follows which announced requests have an outcome. */
export class OpenRequests<T> {
  readonly #open = new Map<string, { readonly request: OpenRequest; readonly place: T }>();

  /** @param place of the line, for {@link list} */
  note(line: Link & Readonly<Record<string, unknown>>, place: T): void {
    const { id, changes = [] } = line as unknown as Partial<OpenRequest>;
    if (id === undefined) return;
    if (line.event === 'announced') this.#open.set(id, { request: { id, changes }, place });
    else this.#open.delete(id);
  }

  list(): readonly { readonly request: OpenRequest; readonly place: T }[] {
    return [...this.#open.values()];
  }
}
