import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work on one list may take together before other work gets its turn. */
const shareMs = 5;

/** As `Array.filter`, with turns for other work, because a client's filter over ten thousand networks may take long. */
export async function filterInShares<T>(items: readonly T[], test: (item: T) => boolean): Promise<readonly T[]> {
  const kept = await mapInShares(items, test);
  return items.filter((_, index) => kept[index]);
}

/** As `Array.map`, with turns for other work. */
export async function mapInShares<T, R>(items: readonly T[], map: (item: T) => R): Promise<readonly R[]> {
  const found: R[] = [];
  let begun = performance.now();
  for (const item of items) {
    found.push(map(item));
    if (performance.now() - begun < shareMs) continue;
    await nextTurn();
    begun = performance.now();
  }
  return found;
}
