/**
 * The order in which parts are taken back: `spare` ones first, then `loose` ones, for any user; a `firm` one only for a user who has less.
 */
export type Hold = 'spare' | 'loose' | 'firm';

const holds: readonly Hold[] = ['spare', 'loose', 'firm'];

/** A user of the socket, by number; undefined stands for all whose number is not known. */
export type User = number | undefined;

/** A part that a caller asks a budget for. */
export interface Claim {
  readonly user: User;
  /** In the unit of the budget: bytes, connections. */
  readonly amount: number;
  /** A function is called when room is needed. */
  readonly hold: Hold | (() => Hold);
  /** Called when the share is taken back; there is nothing left to release. */
  readonly revoke: () => void;
}

/** A part of a budget. */
export interface Share {
  /** @returns false when there is no room for more; the share is then as it was, or was taken back */
  resize(amount: number): boolean;
  /** From now on it is not taken back. @returns false when its user would leave too little to others; the share is then as it was */
  fix(): boolean;
  /** Notes a use: shares without one since then are older. */
  touch(): void;
  release(): void;
}

/** The budget as its parts call it. A part has this one field for it, because each connection has a part. */
interface Keeper {
  resize(part: Part, amount: number): boolean;
  fix(part: Part): boolean;
  release(part: Part): void;
}

class Part implements Share {
  amount = 0;
  /** The queue that it is in; undefined for one that is fixed or gone. */
  queue: Set<Part> | undefined;
  isFixed = false;
  isGone = false;

  constructor(
    readonly claim: Claim,
    readonly account: Account,
    private readonly keeper: Keeper,
  ) {}

  resize(amount: number): boolean {
    return this.keeper.resize(this, amount);
  }

  fix(): boolean {
    return this.keeper.fix(this);
  }

  touch(): void {
    if (this.queue !== undefined) this.queueUp();
  }

  release(): void {
    this.keeper.release(this);
  }

  get hold(): Hold {
    const { hold } = this.claim;
    return typeof hold === 'string' ? hold : hold();
  }

  queueUp(hold = this.hold): void {
    this.queue?.delete(this);
    this.queue = this.account.queues[hold];
    this.queue.add(this);
  }
}

/** The parts of one user. */
interface Account {
  readonly user: User;
  used: number;
  /** The amount of `used` that is not taken back. */
  fixed: number;
  /** Parts that can be taken back, each queue oldest first. */
  readonly queues: Readonly<Record<Hold, Set<Part>>>;
}

/**
 * Memory or connections, which clients may use up, shared by the users of the socket. When it is short, the user with the most loses the
 * oldest part, or is refused. Parts that are not taken back are given to a user only while as much is left to the others.
 */
export class Budget {
  #used = 0;
  #fixed = 0;
  readonly #accounts = new Map<User, Account>();
  readonly #keeper: Keeper = {
    resize: (part, amount) => this.#resize(part, Math.min(amount, this.limit)),
    fix: (part) => this.#fix(part),
    release: (part) => this.#release(part),
  };

  constructor(readonly limit: number) {}

  get used(): number {
    return this.#used;
  }

  usedBy(user: User): number {
    return this.#accounts.get(user)?.used ?? 0;
  }

  /** @returns undefined when no other user has more and no part can be taken back */
  take(claim: Claim): Share | undefined {
    // A part that is larger than the budget is the only one.
    const amount = Math.min(claim.amount, this.limit);
    const account = this.#accountOf(claim.user);
    const part = new Part(claim, account, this.#keeper);
    if (!this.#grow(part, amount)) {
      this.#forgetUnused(account);
      return undefined;
    }
    // To make room, the last of this user's parts may have gone.
    this.#accounts.set(claim.user, account);
    part.queueUp();
    return part;
  }

  /** Takes a part that stays until its release. @returns undefined when the user would leave too little to others, or nothing is left */
  takeFixed(user: User, amount: number): Share | undefined {
    const share = this.take({ user, amount, hold: 'spare', revoke: () => undefined });
    if (share === undefined || share.fix()) return share;
    share.release();
    return undefined;
  }

  #resize(part: Part, amount: number): boolean {
    if (part.isGone) return false;
    if (amount > part.amount) return this.#grow(part, amount - part.amount);
    this.#add(part, amount - part.amount);
    return true;
  }

  #grow(part: Part, more: number): boolean {
    if (this.#fixed + more > this.limit) return false;
    while (this.#used + more > this.limit) {
      const victim = this.#findVictim(part, more);
      if (victim === undefined) return false;
      this.#release(victim);
      victim.claim.revoke();
      if (part.isGone) return false;
    }
    this.#add(part, more);
    return true;
  }

  /** The part to take back: that of the user with the most, then of those with less, down to the user who asks. */
  #findVictim(asking: Part, more: number): Part | undefined {
    const wanted = asking.account.used + more;
    const weigh = (account: Account) => (account === asking.account ? wanted : account.used);
    for (const account of [...this.#accounts.values()].toSorted((one, other) => weigh(other) - weigh(one))) {
      for (const hold of holds) {
        if (hold === 'firm' && weigh(account) <= wanted) continue;
        const oldest = findOldest(account.queues, hold, asking);
        if (oldest !== undefined) return oldest;
      }
      if (account === asking.account) return undefined;
    }
    return undefined;
  }

  #fix(part: Part): boolean {
    const { account, amount } = part;
    if (part.isFixed || part.isGone) return !part.isGone;
    if (account.fixed + amount > this.limit - this.#fixed - amount) return false;
    part.queue?.delete(part);
    part.queue = undefined;
    part.isFixed = true;
    account.fixed += amount;
    this.#fixed += amount;
    return true;
  }

  #release(part: Part): void {
    if (part.isGone) return;
    this.#add(part, -part.amount);
    part.queue?.delete(part);
    part.queue = undefined;
    part.isGone = true;
    this.#forgetUnused(part.account);
  }

  #add(part: Part, more: number): void {
    const { account } = part;
    part.amount += more;
    account.used += more;
    this.#used += more;
    if (!part.isFixed) return;
    account.fixed += more;
    this.#fixed += more;
  }

  #accountOf(user: User): Account {
    let account = this.#accounts.get(user);
    if (account === undefined) {
      account = { user, used: 0, fixed: 0, queues: { spare: new Set(), loose: new Set(), firm: new Set() } };
      this.#accounts.set(user, account);
    }
    return account;
  }

  #forgetUnused({ user, used, queues }: Account): void {
    if (used === 0 && holds.every((hold) => queues[hold].size === 0)) this.#accounts.delete(user);
  }
}

/** Parts whose hold has changed move to their queue on the way, so that each is looked at once. */
function findOldest(queues: Account['queues'], hold: Hold, asking: Part): Part | undefined {
  for (const part of queues[hold]) {
    const now = part.hold;
    if (now !== hold) part.queueUp(now);
    else if (part !== asking) return part;
  }
  return undefined;
}
