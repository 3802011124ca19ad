import { pollOnce } from '../host/own-process/event-loop.js';
import type { NetworkError } from '../model/errors.js';
import type { Held, WriteLane } from './write-lane.js';

/** The caller of a change, who waits for a bounded time. */
export interface Claim {
  /** False once the caller was answered that it has waited too long. */
  isWaiting(): boolean;
  /**
   * Asked once, when the change is durable.
   *
   * @returns whether the caller still waits; if so it is answered with what was done, and if not the change has to be taken back
   */
  accept(): boolean;
}

/** A batch of changes being decided, and made durable with one wait for the disk. */
export interface Session {
  /** Runs one decision; one that throws leaves nothing planned. @returns what it returned, to be read after the commit */
  attempt<T>(decide: () => () => T, claim: Claim): () => T;
  /**
   * Makes what was planned durable, in the order of the decisions and up to the first one that fails.
   *
   * @returns positions of decisions that came behind it and may have been other ones without it: they are to be decided again
   */
  commit(): Promise<ReadonlySet<number>>;
  /** Does the work that durable changes entail. It may take long, and cannot fail. */
  finish(): Promise<void>;
}

/** Decides now, on what the session knows; the function returned is read after the commit and throws if that very change failed. */
export type Decision<S extends Session, T> = (session: S) => () => T;

export interface GroupCommitLimits {
  /** How long a writer waits for its answer. */
  readonly timeoutMs: number;
  /** After this long the lane is let go, so that other programs get it. */
  readonly maxHoldMs: number;
  readonly maxBatch: number;
}

/** For a folder that other programs change too. */
export const batchLimits = {
  /** Long enough for a batch, short enough that a Podman behind us does not notice. */
  maxHoldMs: 50,
  /** Bounds what one commit opens at once. */
  maxBatch: 128,
} as const;

/** How long rivals that wait in the kernel are given to wake up and take the lane we let go. */
const yieldMs = 2;

/**
 * Writers in the order of their arrival. While the lane is held all writers already queued are decided against the same evolving session,
 * and one commit answers them. Those that were decided behind a change that failed are decided again, each in a session of its own, so
 * that every writer ends as it would have ended alone.
 */
export class GroupCommit<S extends Session, W = never> {
  readonly #queue: Writer<S, W>[] = [];
  #draining = false;
  #giveUp = new AbortController();

  constructor(
    private readonly lane: WriteLane,
    /** @param wanted what decisions of the batch want to know, which takes time to learn */
    private readonly begin: (held: Held, wanted: ReadonlySet<W | undefined>) => Promise<S>,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** @throws NetworkError busy, storage, and whatever the decision throws */
  async run<T>(decision: Decision<S, T>, wants?: W): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const { timeoutMs } = this.limits;
      const writer = new Writer<S, W, T>(decision, wants, { resolve, reject }, timeoutMs, () => this.#expire(writer));
      this.#queue.push(writer);
      if (!this.#draining) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#queue.length > 0) {
      this.#giveUp = new AbortController();
      try {
        await this.lane.hold(this.#giveUp.signal, async (held) => await this.#work(held));
      } catch (error) {
        for (const writer of this.#queue.splice(0)) writer.fail(error);
      }
      if (this.#queue.length > 0) await new Promise((resolve) => setTimeout(resolve, yieldMs));
    }
    this.#draining = false;
  }

  async #work(held: Held): Promise<void> {
    const until = performance.now() + this.limits.maxHoldMs;
    while (this.#queue.length > 0 && performance.now() < until) {
      await this.#gather();
      const batch = this.#takeBatch();
      try {
        const session = await this.begin(held, new Set(batch.map(({ wants }) => wants)));
        await this.#decide(session, batch);
      } catch (error) {
        for (const writer of batch) writer.fail(error);
      }
    }
  }

  /** Lets requests in that have come already, or that a client sends for the answer that it just had: they share the next wait for the disk. */
  async #gather(): Promise<void> {
    for (let count = 0; count < Math.min(this.#queue.length, this.limits.maxBatch);) {
      count = this.#queue.length;
      await pollOnce();
    }
  }

  async #decide(session: S, batch: readonly Writer<S, W>[]): Promise<void> {
    const living = batch.filter((writer) => writer.isWaiting());
    if (living.length === 0) return;
    for (const writer of living) writer.decide(session);
    const again = await session.commit();
    const done = living.filter((_, position) => !again.has(position));
    for (const writer of done) writer.mayLeave();
    await session.finish();
    for (const writer of done) writer.settle();
    const rest = living.filter((writer, position) => again.has(position) && writer.isWaiting());
    for (const writer of rest) writer.isAlone = true;
    this.#queue.unshift(...rest);
  }

  /** Those who wait, up to the next one that is to be decided alone. */
  #takeBatch(): readonly Writer<S, W>[] {
    const alone = this.#queue.findIndex(({ isAlone }) => isAlone);
    const count = alone === -1 ? this.limits.maxBatch : Math.min(Math.max(alone, 1), this.limits.maxBatch);
    return this.#queue.splice(0, count);
  }

  /** A batch that is under way learns of it from the claim. */
  #expire(writer: Writer<S, W>): void {
    const busy: NetworkError = this.lane.describeObstacle(this.limits.timeoutMs);
    writer.fail(busy);
    const index = this.#queue.indexOf(writer);
    if (index === -1) return;
    this.#queue.splice(index, 1);
    if (this.#queue.length === 0) this.#giveUp.abort();
  }
}

interface Answer<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

class Writer<S extends Session, W, T = unknown> implements Claim {
  /** Whether it is decided in a session of its own. */
  isAlone = false;
  #read: () => T = () => {
    throw new TypeError('a writer is answered before it is decided');
  };
  #isAnswered = false;
  #isLate = false;
  /** Its change is durable. */
  #isAccepted = false;
  /** Its answer can be read. */
  #mayLeave = false;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly decision: Decision<S, T>,
    readonly wants: W | undefined,
    private readonly answer: Answer<T>,
    timeoutMs: number,
    onLate: () => void,
  ) {
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      if (this.#mayLeave) this.settle();
      else if (!this.#isAccepted) onLate();
    }, timeoutMs);
  }

  isWaiting(): boolean {
    return !this.#isAnswered;
  }

  accept(): boolean {
    this.#isAccepted = !this.#isAnswered;
    return this.#isAccepted;
  }

  decide(session: S): void {
    try {
      this.#read = session.attempt(() => this.decision(session), this);
    } catch (error) {
      // The answer may rest on what the batch planned before, so it is given when that is durable.
      this.#read = () => {
        throw error;
      };
    }
  }

  /** A late caller is answered before what follows from its change is done. */
  mayLeave(): void {
    this.#mayLeave = true;
    if (this.#isLate) this.settle();
  }

  settle(): void {
    let value: T;
    try {
      value = this.#read();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.#end()) this.answer.resolve(value);
  }

  fail(error: unknown): void {
    if (this.#end()) this.answer.reject(error instanceof Error ? error : new Error(String(error)));
  }

  /** @returns false for one that has its answer */
  #end(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    clearTimeout(this.#timer);
    return true;
  }
}
