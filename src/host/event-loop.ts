/**
 * Lets the event loop take everything that the kernel has ready now. One turn may end the round that is already under way; the second is
 * sure to come behind a poll.
 */
export async function pollOnce(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** How long a piece of work may have the event loop before others get it. */
const maxTurnMs = 2;

/** The time that a piece of work of many steps has had the event loop for. */
export class LoopShare {
  #until = performance.now() + maxTurnMs;

  isUsedUp(): boolean {
    return performance.now() > this.#until;
  }

  /** Lets whoever else is ready have it. */
  async renew(): Promise<void> {
    await nextTurn();
    this.#until = performance.now() + maxTurnMs;
  }
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
