import type { Test } from 'tap';
import type { Answer } from '../../support/client.js';
import type { Request } from './commands.js';

/** Counts how often each kind of request succeeded and was refused, so that a run without successes is no good run. */
export class Tally {
  readonly #counts = new Map<Request['kind'], { done: number; refused: number }>();

  add({ kind }: Request, { status }: Answer): void {
    const counts = this.#counts.get(kind) ?? { done: 0, refused: 0 };
    counts[status < 300 ? 'done' : 'refused'] += 1;
    this.#counts.set(kind, counts);
  }

  check(t: Test): void {
    for (const kind of ['create', 'inspect', 'exists', 'remove', 'update', 'list', 'prune'] as const) {
      const { done, refused } = this.#counts.get(kind) ?? { done: 0, refused: 0 };
      t.ok(done > 0, `${kind}: ${done} done, ${refused} refused`);
    }
  }
}
