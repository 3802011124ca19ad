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

/** Does steps that each end in memory, and are many together, letting whoever else is ready have the event loop now and then. */
export async function inTurns<T, R>(items: readonly T[], step: (item: T, index: number) => R): Promise<readonly R[]> {
  let until = performance.now() + maxTurnMs;
  const results: R[] = [];
  for (const [index, item] of items.entries()) {
    if (performance.now() > until) {
      await nextTurn();
      until = performance.now() + maxTurnMs;
    }
    results.push(step(item, index));
  }
  return results;
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
