/** Lists that are kept in the order of a text member of their items. */

/** Compares items by a member, for a first sort. */
export function by<K extends string>(
  key: K,
): (a: Readonly<Record<K, string>>, b: Readonly<Record<K, string>>) => number {
  return (a, b) => (a[key] < b[key] ? -1 : 1);
}

export function insert<K extends string, T extends Readonly<Record<K, string>>>(sorted: T[], item: T, key: K): void {
  sorted.splice(positionIn(sorted, item[key], key), 0, item);
}

/** Index of the first item whose member is not before `value`. */
export function positionIn<K extends string>(
  sorted: readonly Readonly<Record<K, string>>[],
  value: string,
  key: K,
): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.[key] ?? '') < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
