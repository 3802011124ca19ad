import type { NetworkError } from '../model/errors.js';
import type { Held, WriteLane } from './write-lane.js';

/** A batch of changes being decided; `commit` makes all of them durable with one wait for the disk. */
export interface Session {
  commit(): Promise<void>;
}

/** Decides now, on what the session knows; the function returned is read after the commit and throws if that very change failed. */
export type Decision<S extends Session, T> = (session: S) => () => T;

export interface GroupCommitLimits {
  /** How long a writer waits for its turn. */
  readonly timeoutMs: number;
  /** After this long the lane is let go, so that other programs get it. */
  readonly maxHoldMs: number;
  readonly maxBatch: number;
}

interface Writer<S extends Session, W> {
  readonly wants: W | undefined;
  decide(session: S): void;
  settle(): void;
  fail(error: unknown): void;
  readonly timer: NodeJS.Timeout;
}

/** How long rivals that wait in the kernel are given to wake up and take the lane we let go. */
const yieldMs = 2;

/**
 * Writers in the order of their arrival. While the lane is held every writer already queued is decided against the same evolving session,
 * and one commit answers them all.
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
      let read: () => T;
      const writer: Writer<S, W> = {
        wants,
        decide: (session) => {
          read = decision(session);
        },
        settle: () => {
          try {
            resolve(read());
          } catch (error) {
            reject(asError(error));
          }
        },
        fail: (error) => reject(asError(error)),
        timer: setTimeout(() => this.#expire(writer), this.limits.timeoutMs),
      };
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
        for (const writer of this.#take(this.#queue.length)) writer.fail(error);
      }
      if (this.#queue.length > 0) await new Promise((resolve) => setTimeout(resolve, yieldMs));
    }
    this.#draining = false;
  }

  async #work(held: Held): Promise<void> {
    const until = performance.now() + this.limits.maxHoldMs;
    while (this.#queue.length > 0 && performance.now() < until) {
      const batch = this.#take(this.limits.maxBatch);
      try {
        const session = await this.begin(held, new Set(batch.map(({ wants }) => wants)));
        const decided = batch.filter((writer) => succeeds(writer, session));
        if (decided.length > 0) await session.commit();
        for (const writer of decided) writer.settle();
      } catch (error) {
        for (const writer of batch) writer.fail(error);
      }
    }
  }

  #take(count: number): readonly Writer<S, W>[] {
    const taken = this.#queue.splice(0, count);
    for (const writer of taken) clearTimeout(writer.timer);
    return taken;
  }

  #expire(writer: Writer<S, W>): void {
    const index = this.#queue.indexOf(writer);
    if (index === -1) return;
    const busy: NetworkError = this.lane.describeObstacle(this.limits.timeoutMs);
    this.#queue.splice(index, 1);
    if (this.#queue.length === 0) this.#giveUp.abort();
    writer.fail(busy);
  }
}

function succeeds<S extends Session>(writer: Writer<S, unknown>, session: S): boolean {
  try {
    writer.decide(session);
    return true;
  } catch (error) {
    writer.fail(error);
    return false;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
