import type { NetworkEvent } from '../../src/model/event.js';
import type { EventFeed } from '../../src/network/ports.js';

/** All that a feed has kept, oldest first. */
export function pastEvents(feed: Pick<EventFeed, 'begin' | 'end' | 'at'>): readonly NetworkEvent[] {
  return Array.from({ length: feed.end - feed.begin }, (_, index) => feed.at(feed.begin + index)).filter(
    (event) => event !== undefined,
  );
}
