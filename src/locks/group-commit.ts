import { setTimeout as sleep } from 'node:timers/promises';
import { pollOnce } from '../host/own-process/event-loop.js';
import type { AuditedRequest } from '../model/audited-request.js';
import type { NetworkError } from '../model/errors/errors.js';
import type { Held, WriteLane } from './write-lane.js';

/** A caller's hold on its change, for a bounded time. */
export interface Claim {
  /** The request that the change is made for; undefined where requests are not audited, and for work of podnetd's own. */
  readonly request: AuditedRequest | undefined;
  /** False once the caller has its answer, such as an error at its deadline. */
  isWaiting(): boolean;
  /**
   * Is called once, when the change is durable.
   *
   * @returns whether the caller still waits: then its answer is the outcome of the change, else the change has to be undone
   */
  accept(): boolean;
}

/** A batch of decisions whose changes become durable with one wait for the disk. */
export interface Session {
  /** Runs one decision; a decision that throws plans nothing. @returns the decision's function, to be called after the commit */
  attempt<T>(decide: () => () => T, claim: Claim): () => T;
  /**
   * Makes the planned changes durable, in the order of the decisions and up to the first failure.
   *
   * @returns positions of decisions behind the failure that may rest on the failed change, and so have to be decided again
   */
  commit(): Promise<ReadonlySet<number>>;
  /** Does the work that follows from durable changes. It may take long, and cannot fail. */
  finish(): Promise<void>;
}

/** Decides by the state of the session. @returns a function to be called after the commit: it returns the answer, or throws if the change failed */
export type Decision<S extends Session, T> = (session: S) => () => T;

export interface GroupCommitLimits {
  /** How long a writer waits for its answer. */
  readonly timeoutMs: number;
  /** How long podnetd holds the lane before it begins another batch, so that other programs get the lane. */
  readonly maxHoldMs: number;
  /** Most writers in one batch. */
  readonly maxBatch: number;
}

/** For a folder that other programs change too. */
export const batchLimits = {
  /** Milliseconds: long enough for a batch, short enough that a Podman behind podnetd does not notice. */
  maxHoldMs: 50,
  /** Files that one commit opens at the same time. */
  maxBatch: 128,
} as const;

/** Pause after a release of the lane, in which a program that waits in the kernel wakes up and takes it. */
const yieldMs = 2;

/**
 * A queue of writers in the order of their arrival. The holder of the lane decides all queued writers in one session and answers them after
 * one commit. Writers behind a change that failed are decided again, each in a session of its own, so that every writer ends as it would have
 * ended alone.
 */
export class GroupCommit<S extends Session, W = never> {
  readonly #queue: Writer<S, W>[] = [];
  #draining = false;
  #giveUp = new AbortController();

  constructor(
    private readonly lane: Pick<WriteLane, 'hold' | 'describeObstacle'>,
    /** @param wanted facts that the batch's decisions need and that take time to gather */
    private readonly begin: (held: Held, wanted: ReadonlySet<W | undefined>) => Promise<S>,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** @returns the answer to one decision, when its change is durable @throws NetworkError busy, storage, and any error of the decision */
  async run<T>(decision: Decision<S, T>, wants?: W, request?: AuditedRequest): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const { timeoutMs } = this.limits;
      const writer = new Writer<S, W, T>(decision, wants, request, { resolve, reject }, timeoutMs, () =>
        this.#expire(writer),
      );
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
      if (this.#queue.length > 0) await sleep(yieldMs);
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

  /** Waits while requests still arrive, such as those that clients send after the last answers: they share the next wait for the disk. */
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

  /** Takes the first writers of the queue, up to the next one that has to be decided alone. */
  #takeBatch(): readonly Writer<S, W>[] {
    const alone = this.#queue.findIndex(({ isAlone }) => isAlone);
    const count = alone === -1 ? this.limits.maxBatch : Math.min(Math.max(alone, 1), this.limits.maxBatch);
    return this.#queue.splice(0, count);
  }

  /** Answers a writer at its deadline. A batch under way sees that by the writer's claim. */
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
  /** Whether this writer needs a session of its own. */
  isAlone = false;
  #read: () => T = () => {
    throw new TypeError('the answer of a writer was read before its decision');
  };
  #isAnswered = false;
  #isLate = false;
  /** Whether the change is durable. */
  #isAccepted = false;
  /** Whether the answer can be read. */
  #mayLeave = false;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly decision: Decision<S, T>,
    readonly wants: W | undefined,
    readonly request: AuditedRequest | undefined,
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
      // The error may rest on what the batch planned before, so the caller gets it when that is durable.
      this.#read = () => {
        throw error;
      };
    }
  }

  /** Lets a caller that is past its deadline have its answer before the work that follows from its change. */
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

  /** @returns false when the caller has its answer already */
  #end(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    clearTimeout(this.#timer);
    return true;
  }
}
