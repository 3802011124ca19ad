/**
 * Lets the event loop take everything that the kernel has ready now. One turn may end the round that is already under way; the second is
 * sure to come behind a poll.
 */
export async function pollOnce(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
