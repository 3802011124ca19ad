import type { NetworkEvent } from '../model/event.js';
import type { EventFeed } from './ports.js';

/** How many events are kept for those who ask later. */
const keptEvents = 1_000;

/** What happened to networks since the start of the daemon. */
export class EventLog implements EventFeed {
  readonly #kept: NetworkEvent[] = [];
  readonly #listeners = new Set<(event: NetworkEvent) => void>();

  past(): readonly NetworkEvent[] {
    return [...this.#kept];
  }

  subscribe(listener: (event: NetworkEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: NetworkEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > keptEvents) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }
}
