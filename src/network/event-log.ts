import type { NetworkEvent } from '../model/event.js';
import type { ChangeSource, EventRecord } from './ports.js';

/** How many events are kept for those who ask later. */
const keptEvents = 1_000;

interface Subscriber {
  readonly listener: (event: NetworkEvent) => void;
  readonly onEnd: () => void;
}

/**
 * What happened to networks since the start of the daemon. Changes by others are in it as of the last look at the folder, with the time of that
 * look; while somebody is subscribed the folder is looked at all the time.
 */
export class EventLog implements EventRecord {
  readonly #kept: NetworkEvent[] = [];
  readonly #subscribers = new Set<Subscriber>();
  #lastNs = 0n;
  #stopFollowing: (() => void) | undefined;
  #isClosed = false;

  constructor(private readonly source: ChangeSource) {}

  async catchUp(): Promise<void> {
    await this.source.refresh();
  }

  past(): readonly NetworkEvent[] {
    return [...this.#kept];
  }

  subscribe(listener: (event: NetworkEvent) => void, onEnd: () => void): () => void {
    const subscriber = { listener, onEnd };
    if (this.#isClosed) {
      queueMicrotask(onEnd);
      return () => undefined;
    }
    this.#subscribers.add(subscriber);
    this.#stopFollowing ??= this.source.follow();
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) this.#rest();
    };
  }

  tell(told: Omit<NetworkEvent, 'timeNs'>): void {
    const event = { ...told, timeNs: this.#nextTime() };
    this.#kept.push(event);
    if (this.#kept.length > keptEvents) this.#kept.shift();
    for (const subscriber of this.#subscribers) subscriber.listener(event);
  }

  /** Ends every subscription, and each later one at once. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) subscriber.onEnd();
  }

  #rest(): void {
    this.#stopFollowing?.();
    this.#stopFollowing = undefined;
  }

  /** No two events have the same time, so that a client can go on behind the last one it saw. */
  #nextTime(): bigint {
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    this.#lastNs = nowNs > this.#lastNs ? nowNs : this.#lastNs + 1n;
    return this.#lastNs;
  }
}
