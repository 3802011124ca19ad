import { isObject } from '../../model/json-object.js';
import type { StringMap } from '../../model/network.js';

/** The strings of a member of `args`; values of another type are left out. */
export function readStrings(value: unknown): StringMap {
  const strings = new Map<string, string>();
  if (!isObject(value)) return strings;
  for (const [key, member] of Object.entries(value)) if (typeof member === 'string') strings.set(key, member);
  return strings;
}

/** @returns undefined for an empty map, which the file then leaves out */
export function unlessEmpty<Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> | undefined {
  return map.size > 0 ? map : undefined;
}
