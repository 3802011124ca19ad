import type { EventBounds, NetworkEvent } from '../../src/model/event.js';
import type { EventFeed } from '../../src/network/dependencies/events.js';

/** All events within bounds that a feed has kept, oldest first. */
export function pastEvents(feed: Pick<EventFeed, 'at' | 'range'>, bounds: EventBounds = {}): readonly NetworkEvent[] {
  const { from, to } = feed.range(bounds);
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => feed.at(from + index)).filter(
    (event) => event !== undefined,
  );
}
