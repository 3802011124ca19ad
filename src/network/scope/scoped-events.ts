import type { EventBounds, NetworkEvent } from '../../model/event.js';
import { isInScope, type LabelScope } from '../../model/label-scope.js';
import type { EventFeed, EventRange } from '../dependencies/events.js';

/** The events of networks that had a label when the event happened, also of those that are gone. A prune is about the host, and is left out. */
export class ScopedEvents implements EventFeed {
  /** Places of kept events that are seen, up to the one before `#next`. */
  #seen: number[] = [];
  #next = 0;
  #begin = 0;

  constructor(
    private readonly all: EventFeed,
    private readonly scope: LabelScope,
  ) {}

  async catchUp(): Promise<void> {
    await this.all.catchUp();
  }

  /** The place behind the last forgotten event that was seen, so that a slow reader misses nothing by events that it does not see. */
  get begin(): number {
    const { begin, end } = this.all;
    // Nobody listened, so what these events were is not known.
    if (this.#next < begin) [this.#seen, this.#next, this.#begin] = [[], begin, begin];
    for (; this.#next < end; this.#next += 1) if (this.at(this.#next) !== undefined) this.#seen.push(this.#next);
    const kept = this.#seen.findIndex((place) => place >= begin);
    const forgotten = this.#seen.splice(0, kept === -1 ? this.#seen.length : kept);
    this.#begin = (forgotten.at(-1) ?? this.#begin - 1) + 1;
    return this.#begin;
  }

  get end(): number {
    return this.all.end;
  }

  /** Undefined also at the place of an event that is not seen. */
  at(place: number): NetworkEvent | undefined {
    const event = this.all.at(place);
    return event?.network !== undefined && isInScope(event.network, this.scope) ? event : undefined;
  }

  range(bounds: EventBounds): EventRange {
    return this.all.range(bounds);
  }

  subscribe(listener: () => void, onEnd: () => void): () => void {
    return this.all.subscribe(listener, onEnd);
  }
}
