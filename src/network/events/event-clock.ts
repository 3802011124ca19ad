/** Time and order of an event. */
export interface EventMoment {
  /** Nanoseconds since the epoch, by the clock of the host. */
  readonly timeNs: bigint;
  /** Nanoseconds: later than that of every earlier event, and not before the time, because a clock may step back. */
  readonly orderNs: bigint;
}

/** A clock less than this behind the last event was not stepped back: events of one millisecond get times after one another. */
const tieNs = 1_000_000_000n;

/** Gives each event a moment of its own, so that a client can resume after the last event that it saw. */
export class EventClock {
  #timeNs = 0n;
  #orderNs = 0n;

  /** @param nowMs since the epoch */
  constructor(private readonly nowMs: () => number = Date.now) {}

  get nowNs(): bigint {
    return BigInt(this.nowMs()) * 1_000_000n;
  }

  next(): EventMoment {
    const { nowNs } = this;
    const isTie = nowNs <= this.#timeNs && this.#timeNs - nowNs < tieNs;
    this.#timeNs = isTie ? this.#timeNs + 1n : nowNs;
    this.#orderNs = this.#timeNs > this.#orderNs ? this.#timeNs : this.#orderNs + 1n;
    return { timeNs: this.#timeNs, orderNs: this.#orderNs };
  }
}
