import type { User } from './budget.js';

/** How long the work of one turn of the event loop may take to begin while more is there. */
const maxTurnMs = 2;

/**
 * Begins the work of several users in turn. Node handles everything that is ready in one turn of the event loop, in no order: without this a
 * user with a thousand connections has a thousand times the share of a user with one.
 */
export class UserRounds {
  /** The user whose turn is next stands first. */
  readonly #waiting = new Map<User, (() => void)[]>();
  /** On the clock of `performance`; undefined between turns. */
  #turnEnds: number | undefined;

  /** Begins it now where there is time, else in this user's next turn. */
  run(user: User, begin: () => void): void {
    if (this.#waiting.size === 0 && this.#hasTime()) return begin();
    const own = this.#waiting.get(user);
    if (own === undefined) this.#waiting.set(user, [begin]);
    else own.push(begin);
  }

  #hasTime(): boolean {
    const now = performance.now();
    if (this.#turnEnds === undefined) {
      this.#turnEnds = now + maxTurnMs;
      setImmediate(() => this.#nextTurn());
    }
    return now < this.#turnEnds;
  }

  #nextTurn(): void {
    this.#turnEnds = undefined;
    // The walk comes to users that are added on the way.
    for (const [user, own] of this.#waiting) {
      if (!this.#hasTime()) return;
      const begin = own.shift();
      this.#waiting.delete(user);
      if (own.length > 0) this.#waiting.set(user, own);
      begin?.();
    }
  }
}
