import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long tests may take together before other work gets its turn. */
const shareMs = 5;

/** As `Array.filter`, with turns for other work, because a client's filter over ten thousand networks may take long. */
export async function filterInShares<T>(items: readonly T[], test: (item: T) => boolean): Promise<readonly T[]> {
  const found: T[] = [];
  let begun = performance.now();
  for (const item of items) {
    if (test(item)) found.push(item);
    if (performance.now() - begun < shareMs) continue;
    await nextTurn();
    begun = performance.now();
  }
  return found;
}
