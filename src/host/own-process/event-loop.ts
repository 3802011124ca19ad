/**
 * Lets the event loop process everything that the kernel has ready now. The first turn may belong to a round that has already polled, so only
 * the second surely follows a poll.
 *
 * @param onPoll called before the poll that counts, which sees all that the kernel has ready until then
 */
export async function pollOnce(onPoll?: () => void): Promise<void> {
  await nextTurn();
  onPoll?.();
  await nextTurn();
}

/** How long one piece of work may keep the event loop. */
const maxTurnMs = 2;

/** Runs many short steps in order, and lets the event loop serve others every {@link maxTurnMs}. @returns the result of each step */
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
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
