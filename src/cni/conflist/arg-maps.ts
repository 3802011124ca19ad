import { isObject } from '../../model/json-object.js';
import type { StringMap } from '../../model/network.js';

/** A map of strings as `args` have it; members of another kind are left out. */
export function readStrings(value: unknown): StringMap {
  const strings = new Map<string, string>();
  if (!isObject(value)) return strings;
  for (const [key, member] of Object.entries(value)) if (typeof member === 'string') strings.set(key, member);
  return strings;
}

/** The map; undefined, which a file leaves out, if it is empty. */
export function unlessEmpty<Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> | undefined {
  return map.size > 0 ? map : undefined;
}
