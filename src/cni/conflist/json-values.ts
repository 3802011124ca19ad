import { isObject } from '../../model/json-object.js';

/** Whether two parsed values are equal; the order of keys does not count. It looks into no object that both have. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSameJson(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key], b[key]))
  );
}

/** How the items of an array became those of another one. */
interface Alignment {
  /** How many items at the beginning are the same. */
  readonly front: number;
  /** How many items at the end are the same. */
  readonly back: number;
  /** How many items behind the front were changed; what follows up to the back was added or removed. */
  readonly changed: number;
}

export function alignItems(before: readonly unknown[], after: readonly unknown[]): Alignment {
  const shorter = Math.min(before.length, after.length);
  let front = 0;
  while (front < shorter && isSameJson(before[front], after[front])) front += 1;
  let back = 0;
  while (back < shorter - front && isSameJson(before.at(-1 - back), after.at(-1 - back))) back += 1;
  return { front, back, changed: shorter - front - back };
}
