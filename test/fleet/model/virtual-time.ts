import type { Surroundings } from '../../../src/fleet/given/parts.js';

interface Timer {
  readonly at: number;
  readonly act: () => void;
}

/** A clock that moves when the test says so, and fires timers in the order of their times. */
export class VirtualTime {
  #now = 1_000;
  #timers: Timer[] = [];

  get now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.after(ms, resolve));
  }

  /** Fires timers one by one until the clock has moved so far, or so many have fired. @param onEvent is called behind each */
  async advance({ ms = Infinity, events = Infinity }, onEvent: () => void): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let fired = 0; fired < events; fired += 1) {
      const next = this.#timers.reduce<Timer | undefined>(
        (a, b) => (a === undefined || b.at < a.at ? b : a),
        undefined,
      );
      if (next === undefined || next.at > until) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
      await settle();
      onEvent();
    }
    if (until !== Infinity) this.#now = Math.max(this.#now, until);
  }
}

/** Lets all work of promises end. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Numbers by chance that a seed repeats (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Surroundings of one process, whose timers end with it. */
export function surround(time: VirtualTime, random: () => number, isAlive: () => boolean): Surroundings {
  let tokens = 0;
  const own = `${random()}`;
  return {
    now: () => time.now,
    time: () => new Date(Date.UTC(2026, 0, 1) + time.now),
    after: (ms, act) => time.after(ms, () => isAlive() && act()),
    random,
    makeToken: () => `${own} ${(tokens += 1)}`,
  };
}
