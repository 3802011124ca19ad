/** When an event happened, and where it stands among the others. */
export interface EventMoment {
  /** Nanoseconds since the epoch, as the clock of the host has them. */
  readonly timeNs: bigint;
  /** Later than that of every event before, and no earlier than the time: a clock may step back, the order of events does not. */
  readonly orderNs: bigint;
}

/** What the clock is behind the last event by within this time is no step of it: several events have one millisecond. */
const tieNs = 1_000_000_000n;

/** Gives each event a moment of its own, so that a client can go on behind the last one that it saw. */
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
