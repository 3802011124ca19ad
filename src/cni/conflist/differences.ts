import type { StringMap } from '../../model/network.js';

type Comparable = string | boolean | undefined;

/** @returns a sentence that names both values of a place; none if they are equal */
export function differ(place: string, has: Comparable, wanted: Comparable, show = quote): readonly string[] {
  return has === wanted ? [] : [`${place} is ${show(has)}, not ${show(wanted)}`];
}

export function differByKey(place: string, has: StringMap, wanted: StringMap): readonly string[] {
  const keys = [...new Set([...has.keys(), ...wanted.keys()])];
  return keys.flatMap((key) => differ(`${place} ${key}`, has.get(key), wanted.get(key)));
}

function quote(value: Comparable): string {
  return typeof value === 'string' ? `"${value}"` : String(value ?? 'absent');
}
