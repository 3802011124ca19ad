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
  await visitInShares(items, (item) => found.push(map(item)) > 0);
  return found;
}

/** Visits one item after the other, with turns for other work. @param visit returns whether to go on */
export async function visitInShares<T>(items: Iterable<T>, visit: (item: T) => boolean): Promise<void> {
  let begun = performance.now();
  for (const item of items) {
    if (!visit(item)) return;
    if (performance.now() - begun < shareMs) continue;
    await nextTurn();
    begun = performance.now();
  }
}

/** As {@link visitInShares}, several items at once. @param size of a chunk, items */
export async function visitChunksInShares<T>(
  items: readonly T[],
  size: number,
  visit: (chunk: readonly T[]) => void,
): Promise<void> {
  await visitInShares(chunksOf(items, size), (chunk) => {
    visit(chunk);
    return true;
  });
}

function* chunksOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
