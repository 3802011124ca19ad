/**
 * As `Array.map` with a function that waits, several waits side by side.
 *
 * @param most waits at the same time @returns the results in the order of the items @throws the first error of `map`, which begins no further item
 */
export async function mapSideBySide<T, R>(
  items: readonly T[],
  most: number,
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  // The workers take turns on one iterator.
  const rest = items.entries();
  let isOver = false;
  const work = async () => {
    for (const [index, item] of rest) {
      if (isOver) return;
      results[index] = await map(item);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
  } finally {
    isOver = true;
  }
  return results;
}
