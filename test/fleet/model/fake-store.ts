import {
  mostSteps,
  StoreError,
  type ClaimStore,
  type KeyRange,
  type StepAnswer,
  type Transaction,
  type TransactionAnswer,
} from '../../../src/fleet/store/claim-store.js';
import type { VirtualTime } from './virtual-time.js';

interface Entry {
  readonly value: string;
  readonly lease: string | undefined;
}

interface State {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly revision: bigint;
}

/**
 * What becomes of a request: `lost` on its way, `unheard` where its answer is lost, `late` where it is applied once its sender has given up, `twice` where
 * its sender asks again for a lost answer, `refused`.
 */
export type Fate = 'lost' | 'unheard' | 'late' | 'twice' | 'refused';

const fates: readonly Fate[] = ['lost', 'unheard', 'late', 'twice', 'refused'];

interface Planned {
  readonly fate: Fate | undefined;
  readonly isIt: (transaction: Transaction) => boolean;
  readonly act: () => void;
}

/** A store in memory with etcd's transactions, of which an older state may be restored. */
export class FakeStore {
  #entries = new Map<string, Entry>();
  #revision = 1n;
  #clusterId = 'c1';
  readonly #leases = new Map<string, number>();
  #leaseCount = 0;
  isDown = false;
  /** From 0 to 1: how many requests meet a fault. */
  faults = 0;
  readonly #planned: Planned[] = [];

  constructor(
    private readonly time: VirtualTime,
    private readonly random: () => number,
  ) {}

  get(key: string): string | undefined {
    this.#expire();
    return this.#entries.get(key)?.value;
  }

  list(prefix: string): readonly (readonly [key: string, value: string])[] {
    this.#expire();
    return [...this.#entries]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { value }]) => [key, value] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  save(): State {
    return { entries: new Map(this.#entries), revision: this.#revision };
  }

  restore({ entries, revision }: State, clusterId = this.#clusterId): void {
    this.#entries = new Map(entries);
    this.#revision = revision;
    this.#clusterId = clusterId;
  }

  /** Gives the next such transaction a fate; undefined for none. @param act is called just before it is applied or lost */
  plan(isIt: Planned['isIt'], fate: Fate | undefined, act: () => void = () => undefined): void {
    this.#planned.push({ isIt, fate, act });
  }

  /** The store as one process sees it: its requests may be lost, applied twice or late, and their answers lost. */
  clientOf(isAlive: () => boolean, isCut: () => boolean = () => false): ClaimStore {
    const state = {
      endpoint: 'fake',
      clusterId: undefined as string | undefined,
      error: undefined as string | undefined,
    };
    const requests = new Map<string, number>();
    const ask = async <T>(act: () => T, transaction?: Transaction): Promise<T> => {
      requests.set('200', (requests.get('200') ?? 0) + 1);
      const outcome = await this.#deliver(act, isCut, transaction);
      // A dead process hears nothing.
      if (!isAlive()) return await new Promise<never>(() => undefined);
      if ('answer' in outcome) {
        state.error = undefined;
        return outcome.answer;
      }
      if (outcome.error instanceof StoreError) state.error = outcome.error.message;
      throw outcome.error;
    };
    return {
      run: async (transaction) => {
        const answer = await ask(() => this.#apply(transaction), transaction);
        state.clusterId = answer.clusterId;
        return answer;
      },
      grantLease: async (seconds) =>
        await ask(() => {
          const id = String((this.#leaseCount += 1));
          this.#leases.set(id, this.time.now + seconds * 1_000);
          return id;
        }),
      keepLease: async (lease) =>
        await ask(() => {
          this.#expire();
          const isAlive = this.#leases.has(lease);
          if (isAlive) this.#leases.set(lease, this.time.now + 180_000);
          return { isAlive, revision: this.#revision, clusterId: this.#clusterId };
        }),
      endLease: async (lease) =>
        await ask(() => {
          this.#leases.delete(lease);
          this.#expire();
        }),
      get state() {
        return { ...state, requests };
      },
      close: () => undefined,
    };
  }

  #fateOf(transaction: Transaction | undefined): Fate | undefined {
    const planned = this.#planned.find(({ isIt }) => transaction !== undefined && isIt(transaction));
    if (planned !== undefined) {
      this.#planned.splice(this.#planned.indexOf(planned), 1);
      planned.act();
      return planned.fate;
    }
    return this.random() < this.faults ? fates[Math.floor(this.random() * fates.length)] : undefined;
  }

  async #deliver<T>(
    act: () => T,
    isCut: () => boolean,
    transaction: Transaction | undefined,
  ): Promise<{ answer: T } | { error: unknown }> {
    const lost = { error: new StoreError('unreachable', 'lost') };
    await this.time.sleep(1 + this.random() * 20);
    if (this.isDown || isCut()) {
      await this.time.sleep(2_000);
      return lost;
    }
    try {
      switch (this.#fateOf(transaction)) {
        case 'lost':
          return lost;
        case 'unheard':
          act();
          return lost;
        case 'late':
          // Applied after the sender has given up.
          this.time.after(this.random() * 30_000, () => {
            try {
              act();
            } catch {
              // Nobody hears of it.
            }
          });
          return lost;
        case 'twice':
          // Sent again after a lost answer.
          act();
          await this.time.sleep(this.random() * 500);
          return { answer: act() };
        case 'refused':
          return { error: new StoreError('refused', 'permission denied') };
        case undefined: {
          const answer = act();
          await this.time.sleep(1 + this.random() * 20);
          return { answer };
        }
      }
    } catch (error) {
      return { error };
    }
  }

  #apply({ when = [], success, failure = [] }: Transaction): TransactionAnswer {
    this.#expire();
    if (Math.max(when.length, success.length, failure.length) > mostSteps)
      throw new StoreError('refused', 'too many operations');
    const isMet = when.every(({ key, value }) => this.#entries.get(key)?.value === value);
    const steps = isMet ? success : failure;
    const puts = steps.flatMap((step) => (step.kind === 'put' ? [step] : []));
    if (new Set(puts.map(({ key }) => key)).size < puts.length) throw new StoreError('refused', 'duplicate key');
    if (puts.some(({ lease }) => lease !== undefined && !this.#leases.has(lease)))
      throw new StoreError('refused', 'etcdserver: requested lease not found');
    if (steps.some(({ kind }) => kind === 'put' || kind === 'delete')) this.#revision += 1n;
    const answers = steps.map((step): StepAnswer => {
      switch (step.kind) {
        case 'put':
          this.#entries.set(step.key, { value: step.value, lease: step.lease });
          return { found: [], count: 0 };
        case 'delete':
          this.#entries.delete(step.key);
          return { found: [], count: 0 };
        case 'count':
          return { found: [], count: this.#range(step).length };
        case 'read': {
          const all = this.#range(step);
          const found = all.slice(0, step.limit ?? all.length);
          return {
            found: found.map(([key, { value }]) => ({ key, value: step.keysOnly ? '' : value })),
            count: all.length,
          };
        }
      }
    });
    return { isMet, steps: answers, revision: this.#revision, clusterId: this.#clusterId };
  }

  #range({ key, end }: KeyRange): readonly (readonly [string, Entry])[] {
    const isIn = (each: string) => (end === undefined ? each === key : each >= key && each < end);
    return [...this.#entries].filter(([each]) => isIn(each)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  #expire(): void {
    for (const [lease, until] of this.#leases) if (until < this.time.now) this.#leases.delete(lease);
    for (const [key, { lease }] of this.#entries)
      if (lease !== undefined && !this.#leases.has(lease)) this.#entries.delete(key);
  }
}
