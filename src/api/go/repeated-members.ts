import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonExtent } from '../../model/json-extent.js';

/** A JSON object in which a key stands more than once: Go decodes each in turn into what the one before has left. */
export class RepeatedMembers {
  constructor(readonly entries: readonly (readonly [key: string, member: unknown])[]) {}
}

/** Members of a parsed object, in their order. */
export function membersOf(value: object): readonly (readonly [key: string, member: unknown])[] {
  return value instanceof RepeatedMembers ? value.entries : Object.entries(value);
}

/** As JSON.parse reads it; a value in which no key is repeated is given back itself, however deep it nests. */
export function withoutRepeats(value: unknown): unknown {
  for (const nested of objectsIn(value)) if (nested instanceof RepeatedMembers) return drop(value);
  return value;
}

function drop(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(drop);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(membersOf(value).map(([key, member]) => [key, drop(member)]));
}

/** Strings of a JSON text, those that are keys with their colon. */
const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

/**
 * Puts the members back that JSON.parse dropped.
 *
 * @param text that JSON.parse reads as `value`
 * @param extent of the text
 * @throws NetworkError repeatsTooMany
 */
export function keepRepeats(text: string, value: unknown, { keys, values }: JsonExtent): unknown {
  if (keys === countKeys(value)) return value;
  const limit = bounds.repeatedValues;
  if (values > limit) throw new NetworkError('repeatsTooMany', { values, limit });
  let number = 0;
  const numbered = text.replace(strings, (found: string, colon: string | undefined) => {
    if (colon === undefined) return found;
    number += 1;
    return `"${number} ${found.slice(1)}`;
  });
  return readNumbered(JSON.parse(numbered));
}

function countKeys(value: unknown): number {
  let count = 0;
  for (const nested of objectsIn(value)) if (!Array.isArray(nested)) count += Object.keys(nested).length;
  return count;
}

/** Objects and arrays, without recursion: a body may nest as deeply as it likes. */
function* objectsIn(value: unknown): Generator<object> {
  const left = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    yield next;
    for (const [, member] of membersOf(next)) if (typeof member === 'object' && member !== null) left.push(member);
  }
}

function readNumbered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readNumbered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, member]) => [key.slice(key.indexOf(' ') + 1), readNumbered(member)] as const,
  );
  return new Set(entries.map(([key]) => key)).size < entries.length
    ? new RepeatedMembers(entries)
    : Object.fromEntries(entries);
}
