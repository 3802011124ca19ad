import type { ClaimStore, StoreState, Transaction, TransactionAnswer } from './claim-store.js';

/**
 * A store that notices when another one, or an older state of it, has taken its place. A transaction sees all that was acknowledged before it was
 * sent, so its revision is no smaller than the largest that was known then. source: etcd, linearizable reads
 */
export class WatchedStore implements ClaimStore {
  #revision = 0n;
  #clusterId: string | undefined;

  constructor(
    private readonly store: ClaimStore,
    private readonly onReplaced: (reason: string) => void,
  ) {}

  get state(): StoreState {
    return this.store.state;
  }

  async run(transaction: Transaction, deadline: number): Promise<TransactionAnswer> {
    const known = { revision: this.#revision, clusterId: this.#clusterId };
    const answer = await this.store.run(transaction, deadline);
    const { revision, clusterId } = answer;
    if (known.clusterId !== undefined && known.clusterId !== clusterId) {
      if (this.#clusterId !== clusterId)
        this.#replace(answer, `it was the cluster ${known.clusterId}, and is ${clusterId}`);
    } else if (revision < known.revision) {
      if (this.#revision >= known.revision)
        this.#replace(answer, `its revision was ${known.revision}, and is ${revision}`);
    } else if (this.#clusterId === undefined || revision > this.#revision) {
      this.#revision = revision;
      this.#clusterId = clusterId;
    }
    return answer;
  }

  async grantLease(ttlSeconds: number, deadline: number): Promise<string> {
    return await this.store.grantLease(ttlSeconds, deadline);
  }

  async keepLease(lease: string, deadline: number): Promise<boolean> {
    return await this.store.keepLease(lease, deadline);
  }

  async endLease(lease: string, deadline: number): Promise<void> {
    await this.store.endLease(lease, deadline);
  }

  close(): void {
    this.store.close();
  }

  #replace({ revision, clusterId }: TransactionAnswer, reason: string): void {
    this.#revision = revision;
    this.#clusterId = clusterId;
    this.onReplaced(reason);
  }
}
