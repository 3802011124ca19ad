import type { EventNetwork, NetworkEvent } from '../model/event.js';
import type { ChangeSource, EventRecord } from './ports.js';

/** Events that are kept for those who ask later: the last ones, within both bounds. */
export const kept = { events: 1_000, bytes: 4 * 1024 * 1024 };

interface Subscriber {
  readonly listener: (event: NetworkEvent) => void;
  readonly onEnd: () => void;
}

/**
 * What happened to networks since the start of the daemon. A subscriber that throws is ended; whoever made the change is not concerned. Changes by others are in it as of the last look at the folder, with the time of that
 * look; while somebody is subscribed the folder is looked at all the time.
 */
export class EventLog implements EventRecord {
  readonly #kept: NetworkEvent[] = [];
  #keptBytes = 0;
  readonly #subscribers = new Set<Subscriber>();
  #lastNs = 0n;
  #stopFollowing: (() => void) | undefined;
  #isClosed = false;

  /** @param onFailure receives what a subscriber throws */
  constructor(
    private readonly source: ChangeSource,
    private readonly onFailure: (error: unknown) => void = () => undefined,
  ) {}

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
    return () => this.#forget(subscriber);
  }

  tell({ action, network, container }: Omit<NetworkEvent, 'timeNs'>): void {
    const event = { action, network: network && pickFacts(network), container, timeNs: this.#nextTime() };
    this.#keep(event);
    for (const subscriber of this.#subscribers) {
      try {
        subscriber.listener(event);
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

  #keep(event: NetworkEvent): void {
    this.#kept.push(event);
    this.#keptBytes += bytesOf(event);
    while (this.#kept.length > kept.events || this.#keptBytes > kept.bytes) {
      const oldest = this.#kept.shift();
      if (oldest === undefined) return;
      this.#keptBytes -= bytesOf(oldest);
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

  /** No two events have the same time, so that a client can go on behind the last one it saw. */
  #nextTime(): bigint {
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    this.#lastNs = nowNs > this.#lastNs ? nowNs : this.#lastNs + 1n;
    return this.#lastNs;
  }
}

/** The rest of a network, its text above all, is not held by its events. */
function pickFacts({ id, name, driver, labels }: EventNetwork): EventNetwork {
  return { id, name, driver, labels };
}

/** About what an event without its texts takes. */
const bareBytes = 512;
/** Of a character that is not Latin-1. */
const characterBytes = 2;

/** Memory that an event keeps in use, and not less. */
function bytesOf({ network, container }: NetworkEvent): number {
  let characters = (container?.id.length ?? 0) + (container?.name?.length ?? 0);
  if (network !== undefined) {
    characters += network.id.length + network.name.length + network.driver.length;
    for (const [key, value] of network.labels) characters += key.length + value.length;
  }
  return bareBytes + characters * characterBytes;
}
