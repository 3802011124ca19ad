import { isObject, type JsonObject } from '../../model/json-object.js';
import { alignItems, isSameJson } from './json-values.js';

/** Thrown where a file has another form than podnetd and Podman write, so that podnetd does not know which part a change is about. */
export class UnclearPlace extends Error {
  /** @param place such as `plugins[0].ipam.ranges` */
  constructor(readonly place: string) {
    super(`unclear place ${place}`);
  }
}

/**
 * The value of a file after a change. All that the change is not about stays: members that podnetd does not know, and values that it reads
 * and would write otherwise.
 *
 * @param found the value in the file; undefined for none
 * @param was the value as podnetd would write it before the change
 * @param is the same after it
 * @param place for {@link UnclearPlace}
 * @returns undefined for no value @throws UnclearPlace
 */
export function mergeChange(found: unknown, was: unknown, is: unknown, place: string): unknown {
  if (isSameJson(was, is)) return found;
  if (isObject(found) && isObject(was) && (isObject(is) || is === undefined)) {
    const merged = mergeObject(found, was, is ?? {}, place);
    return is === undefined && Object.keys(merged).length === 0 ? undefined : merged;
  }
  if (Array.isArray(found) && Array.isArray(was) && Array.isArray(is)) return mergeArray(found, was, is, place);
  return is;
}

function mergeObject(found: JsonObject, was: JsonObject, is: JsonObject, place: string): JsonObject {
  const members = Object.entries(found).flatMap(([key, value]): [string, unknown][] => {
    const merged = mergeChange(value, own(was, key), own(is, key), `${place}.${key}`);
    return merged === undefined ? [] : [[key, merged]];
  });
  const keys = Object.keys(is);
  for (const [index, key] of keys.entries()) {
    if (Object.hasOwn(found, key) || isSameJson(own(was, key), is[key])) continue;
    members.splice(placeOf(members, keys, index), 0, [key, is[key]]);
  }
  return Object.fromEntries(members);
}

/** The place of a new member: behind the nearest of those that podnetd writes before it, else before the nearest of those that it writes behind it. */
function placeOf(members: readonly (readonly [string, unknown])[], keys: readonly string[], index: number): number {
  const find = (key: string) => members.findIndex(([known]) => known === key);
  for (const key of keys.slice(0, index).toReversed()) if (find(key) !== -1) return find(key) + 1;
  for (const key of keys.slice(index + 1)) if (find(key) !== -1) return find(key);
  return members.length;
}

/** An item is known by its place, which is clear only while the file has as many as podnetd would write, in the same order. */
function mergeArray(
  found: readonly unknown[],
  was: readonly unknown[],
  is: readonly unknown[],
  place: string,
): readonly unknown[] {
  const isClear = found.length === was.length && was.every((item, index) => agrees(found[index], item));
  if (!isClear) throw new UnclearPlace(place);
  const { front, back, changed } = alignItems(was, is);
  return [
    ...found.slice(0, front),
    ...is.slice(front, is.length - back).map((item, index) => {
      const at = front + index;
      return index < changed ? mergeChange(found[at], was[at], item, `${place}[${at}]`) : item;
    }),
    ...found.slice(found.length - back),
  ];
}

/** Whether a value of a file says what podnetd would write, as far as it says that at all. */
function agrees(found: unknown, was: unknown): boolean {
  if (Array.isArray(found) && Array.isArray(was))
    return found.length === was.length && was.every((item, index) => agrees(found[index], item));
  if (!isObject(found) || !isObject(was)) return isSameJson(found, was);
  return Object.keys(was).every((key) => !Object.hasOwn(found, key) || agrees(found[key], was[key]));
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
