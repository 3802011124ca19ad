import type { EventBounds, NetworkEvent } from '../../model/event.js';

/** Places of events, see {@link EventFeed}. */
export interface EventRange {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
  /** No later event can be one of them. */
  readonly isOver: boolean;
}

/** Events since the start of the daemon, a bounded number of them. */
export interface EventFeed {
  /** Brings in what others did before the call. @throws NetworkError storage */
  catchUp(): Promise<void>;
  /** The place of the oldest that is kept: they are numbered in order from 0 on. */
  readonly begin: number;
  /** The place that the next one will have. */
  readonly end: number;
  /** Undefined for one that is not kept any more, or has not happened yet. */
  at(place: number): NetworkEvent | undefined;
  /**
   * From the first event at `sinceNs` or later to the last one at `untilNs` or earlier, of those kept. What lies between is among them also where
   * the clock was stepped back in between.
   */
  range(bounds: EventBounds): EventRange;
  /**
   * What others do is looked for as long as somebody is subscribed.
   *
   * @param listener called when there is a later one
   * @param onEnd called when there will be no more, for the daemon stops
   * @returns the end of the subscription
   */
  subscribe(listener: () => void, onEnd: () => void): () => void;
}

export interface EventRecord extends EventFeed {
  /** Never waits for a listener. */
  tell(event: Omit<NetworkEvent, 'timeNs'>): void;
}

/** Where changes that others make are noticed. */
export interface ChangeSource {
  /** Notices what happened before the call. @throws NetworkError storage */
  refresh(): Promise<void>;
  /** Notices without being asked. @returns the end of it */
  follow(): () => void;
}
