import type { EventBounds, NetworkEvent } from '../../model/event.js';

/** A range of places in an {@link EventFeed}. */
export interface EventRange {
  readonly from: number;
  /** The place behind the last event. */
  readonly to: number;
  /** True when no later event can be in the range. */
  readonly isOver: boolean;
}

/** The latest events since the start of the daemon, a bounded number. */
export interface EventFeed {
  /** Adds the changes that other programs made before the call. @throws NetworkError storage */
  catchUp(): Promise<void>;
  /** Place of the oldest kept event; places count from 0 in order. */
  readonly begin: number;
  /** Place of the next event. */
  readonly end: number;
  /** The event at a place; undefined when it is no longer kept, or has not happened yet. */
  at(place: number): NetworkEvent | undefined;
  /**
   * The kept events from the first at `sinceNs` or later to the last at `untilNs` or earlier, with all between, also when the clock was stepped
   * back meanwhile.
   */
  range(bounds: EventBounds): EventRange;
  /**
   * Subscribes to later events; while there is a subscriber, podnetd follows the changes of other programs.
   *
   * @param listener called after each event
   * @param onEnd called when the daemon stops, or after `listener` threw
   * @returns ends the subscription
   */
  subscribe(listener: () => void, onEnd: () => void): () => void;
}

export interface EventRecord extends EventFeed {
  /** Adds an event; never waits for a listener. */
  emit(event: Omit<NetworkEvent, 'timeNs'>): void;
}

/** Notices the changes that other programs make. */
export interface ChangeSource {
  /** Takes in the changes before the call. @throws NetworkError storage */
  refresh(): Promise<void>;
  /** Takes in changes as they happen. @returns stops it */
  follow(): () => void;
}
