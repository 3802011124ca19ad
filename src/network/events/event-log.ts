import type { EventBounds, EventNetwork, NetworkEvent } from '../../model/event.js';
import { EventClock } from './event-clock.js';
import type { ChangeSource, EventRange, EventRecord } from '../dependencies/events.js';

/** Bounds of the events that are kept for later requests. */
export const kept = { events: 10_000, bytes: 4 * 1024 * 1024 };

interface KeptEvent {
  readonly event: NetworkEvent;
  /** See {@link EventClock}. */
  readonly orderNs: bigint;
}

interface Subscriber {
  readonly listener: () => void;
  readonly onEnd: () => void;
}

/**
 * The events of networks since the start of the daemon. A subscriber that throws is ended, and the change goes on. A change of another program
 * has the time of the look at the folder that noticed it; while there is a subscriber, podnetd follows the folder.
 */
export class EventLog implements EventRecord {
  readonly #kept: KeptEvent[] = [];
  #begin = 0;
  #keptBytes = 0;
  readonly #subscribers = new Set<Subscriber>();
  #stopFollowing: (() => void) | undefined;
  #isClosed = false;

  /** @param onFailure receives what a subscriber throws */
  constructor(
    private readonly source: ChangeSource,
    private readonly onFailure: (error: unknown) => void = () => undefined,
    private readonly clock = new EventClock(),
  ) {}

  async catchUp(): Promise<void> {
    await this.source.refresh();
  }

  range({ sinceNs, untilNs }: EventBounds): EventRange {
    const first = sinceNs === undefined ? 0 : this.#kept.findIndex(({ orderNs }) => orderNs >= sinceNs);
    // Once `untilNs` has passed no later event can be in the range, whatever the clock said before.
    const isOver = untilNs !== undefined && untilNs < this.clock.nowNs;
    const last = isOver ? this.#kept.findLastIndex(({ event }) => event.timeNs <= untilNs) : this.#kept.length - 1;
    return { from: first === -1 ? this.end : this.#begin + first, to: this.#begin + last + 1, isOver };
  }

  get begin(): number {
    return this.#begin;
  }

  get end(): number {
    return this.#begin + this.#kept.length;
  }

  at(place: number): NetworkEvent | undefined {
    return this.#kept[place - this.#begin]?.event;
  }

  /** How many subscribers there are. */
  get streams(): number {
    return this.#subscribers.size;
  }

  subscribe(listener: () => void, onEnd: () => void): () => void {
    const subscriber = { listener, onEnd };
    if (this.#isClosed) {
      queueMicrotask(onEnd);
      return () => undefined;
    }
    this.#subscribers.add(subscriber);
    this.#stopFollowing ??= this.source.follow();
    return () => this.#forget(subscriber);
  }

  emit({ action, network, container }: Omit<NetworkEvent, 'timeNs'>): void {
    const { timeNs, orderNs } = this.clock.next();
    const event = { action, network: network && pickFacts(network), container, timeNs };
    this.#keep({ event, orderNs });
    for (const subscriber of this.#subscribers) {
      try {
        subscriber.listener();
      } catch (error) {
        this.#forget(subscriber);
        this.onFailure(error);
        this.#end(subscriber);
      }
    }
  }

  /** Ends every subscription, and each later one at once. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) this.#end(subscriber);
  }

  #keep(latest: KeptEvent): void {
    this.#kept.push(latest);
    this.#keptBytes += bytesOf(latest.event);
    while (this.#kept.length > kept.events || this.#keptBytes > kept.bytes) {
      const oldest = this.#kept.shift();
      if (oldest === undefined) return;
      this.#begin += 1;
      this.#keptBytes -= bytesOf(oldest.event);
    }
  }

  #end(subscriber: Subscriber): void {
    try {
      subscriber.onEnd();
    } catch (error) {
      this.onFailure(error);
    }
  }

  #forget(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size === 0) this.#rest();
  }

  #rest(): void {
    this.#stopFollowing?.();
    this.#stopFollowing = undefined;
  }
}

/** The facts that an event shows, so that it does not hold the network's text in memory. */
function pickFacts({ id, name, driver, labels }: EventNetwork): EventNetwork {
  return { id, name, driver, labels };
}

/** Memory of an event without its texts, about. */
const bareBytes = 512;
/** Memory of a character that is not Latin-1. */
const characterBytes = 2;

/** Bytes of memory that an event keeps in use at most. */
function bytesOf({ network, container }: NetworkEvent): number {
  let characters = (container?.id.length ?? 0) + (container?.name?.length ?? 0);
  if (network !== undefined) {
    characters += network.id.length + network.name.length + network.driver.length;
    for (const [key, value] of network.labels) characters += key.length + value.length;
  }
  return bareBytes + characters * characterBytes;
}
