import type {
  ClaimStore,
  LeaseAnswer,
  StoreMoment,
  StoreState,
  Transaction,
  TransactionAnswer,
} from './claim-store.js';

/**
 * A store that notices when another one, or an older state of it, has taken its place. A transaction sees all that was acknowledged before it was
 * sent, so its revision is no smaller than the largest that was known then. source: etcd, linearizable reads
 */
export class WatchedStore implements ClaimStore {
  #replacements = 0;

  /** @param known the latest moment that is known; undefined where none is */
  constructor(
    private readonly store: ClaimStore,
    private known: StoreMoment | undefined,
    private readonly onReplaced: (reason: string) => void,
  ) {}

  get state(): StoreState {
    return this.store.state;
  }

  /** The latest moment of the store that is there now. */
  get moment(): StoreMoment | undefined {
    return this.known;
  }

  async run(transaction: Transaction, deadline: number): Promise<TransactionAnswer> {
    const { known: before } = this;
    const replacements = this.#replacements;
    const answer = await this.store.run(transaction, deadline);
    // An answer that was asked for before a replacement says nothing of what is there now.
    if (replacements !== this.#replacements) return answer;
    const reason = before && describeReplacement(before, answer);
    if (reason === undefined) this.#learn(answer);
    else this.#replace(answer, reason);
    return answer;
  }

  async grantLease(ttlSeconds: number, deadline: number): Promise<string> {
    return await this.store.grantLease(ttlSeconds, deadline);
  }

  async keepLease(lease: string, deadline: number): Promise<LeaseAnswer> {
    const { known: before } = this;
    const answer = await this.store.keepLease(lease, deadline);
    if (before === undefined || describeReplacement(before, answer) === undefined) this.#learn(answer);
    // The member may only lag behind, so a transaction has to show it.
    else await this.run({ success: [] }, deadline);
    return answer;
  }

  async endLease(lease: string, deadline: number): Promise<void> {
    await this.store.endLease(lease, deadline);
  }

  close(): void {
    this.store.close();
  }

  #learn({ revision, clusterId }: StoreMoment): void {
    const { known } = this;
    if (known === undefined || (known.clusterId === clusterId && revision > known.revision))
      this.known = { revision, clusterId };
  }

  #replace({ revision, clusterId }: StoreMoment, reason: string): void {
    this.#replacements += 1;
    this.known = { revision, clusterId };
    this.onReplaced(reason);
  }
}

/** @returns undefined where the later moment may follow the earlier one in one store */
function describeReplacement(earlier: StoreMoment, later: StoreMoment): string | undefined {
  if (earlier.clusterId !== later.clusterId)
    return `it was the cluster ${earlier.clusterId}, and is ${later.clusterId}`;
  if (later.revision < earlier.revision) return `its revision was ${earlier.revision}, and is ${later.revision}`;
  return undefined;
}
