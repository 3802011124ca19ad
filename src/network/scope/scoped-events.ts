import type { EventBounds, NetworkEvent } from '../../model/event.js';
import { isInScope, type LabelScope } from '../../model/label-scope.js';
import type { EventFeed, EventRange } from '../dependencies/events.js';

/** The events of networks that had a label when the event happened, also of those that are gone. A prune is about the host, and is left out. */
export class ScopedEvents implements EventFeed {
  constructor(
    private readonly all: EventFeed,
    private readonly scope: LabelScope,
  ) {}

  async catchUp(): Promise<void> {
    await this.all.catchUp();
  }

  get begin(): number {
    return this.all.begin;
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
