/**
 * A store of keys and values with transactions, as small as claims need it. Times are milliseconds on the clock of `performance.now()`.
 *
 * A transaction whose answer is lost is sent again, so one that was applied may be answered as if its conditions did not hold. Callers
 * write values that no other write has, and judge by what stands there.
 */
export interface ClaimStore {
  /** @throws StoreError */
  run(transaction: Transaction, deadline: number): Promise<TransactionAnswer>;
  /** @returns the id of a lease that lives so long without a sign of life @throws StoreError */
  grantLease(ttlSeconds: number, deadline: number): Promise<string>;
  /** @throws StoreError */
  keepLease(lease: string, deadline: number): Promise<LeaseAnswer>;
  /** Ends a lease and deletes its keys, also when it is gone already. @throws StoreError */
  endLease(lease: string, deadline: number): Promise<void>;
  readonly state: StoreState;
  /** Ends the connections. */
  close(): void;
}

/** What the last answers, or the lack of them, showed. */
export interface StoreState {
  /** The one that answered last; the first of the settings before that. */
  readonly endpoint: string;
  readonly clusterId: string | undefined;
  /** Of the last request; undefined where it was answered. */
  readonly error: string | undefined;
  /** Requests by HTTP status, or `none`. */
  readonly requests: ReadonlyMap<string, number>;
}

/** A key that has this value, or is absent. */
export interface Condition {
  readonly key: string;
  readonly value: string | undefined;
}

/** A lone key, or all keys from `key` to `end`, without that one. */
export interface KeyRange {
  readonly key: string;
  readonly end?: string;
}

export type Step =
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly lease?: string }
  | { readonly kind: 'delete'; readonly key: string }
  | ({ readonly kind: 'read'; readonly limit?: number; readonly keysOnly?: boolean } & KeyRange)
  | ({ readonly kind: 'count' } & KeyRange);

export interface Transaction {
  readonly when?: readonly Condition[];
  readonly success: readonly Step[];
  readonly failure?: readonly Step[];
}

export interface StoredValue {
  readonly key: string;
  /** Empty where keys alone were asked for. */
  readonly value: string;
}

export interface StepAnswer {
  /** Sorted by key. */
  readonly found: readonly StoredValue[];
  /** How many keys the range has, those beyond the limit too. */
  readonly count: number;
}

/** The whole store at one moment. */
export interface StoreMoment {
  /** It goes back only where an older state of the store was restored. */
  readonly revision: bigint;
  readonly clusterId: string;
}

/** The moment is that of the member which answered; it may lag behind the others. */
export interface LeaseAnswer extends StoreMoment {
  /** False for a lease that is gone. */
  readonly isAlive: boolean;
}

export interface TransactionAnswer extends StoreMoment {
  /** Whether the conditions held, so that `success` was done, and not `failure`. */
  readonly isMet: boolean;
  /** One for each step that was done, in their order. */
  readonly steps: readonly StepAnswer[];
}

/** What the etcd at its defaults takes in one transaction. source: etcd server/embed/config.go DefaultMaxTxnOps */
export const mostSteps = 128;

/** `unreachable`: no answer in time; it may have been done. `refused`: the store answers that it does not do that. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly kind: 'unreachable' | 'refused',
    /** Without the password. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
