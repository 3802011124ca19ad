import { printGoJson, quoteGoJson, sortedByBytes, type GoValue } from '../../model/go/json.js';
import { isObject, type JsonObject } from '../../model/json-object.js';
import { alignItems, isSameJson } from './json-values.js';
import { endOfString, readParts, skipSpace, skipValue, type JsonPart, type JsonParts } from './json-parts.js';

/**
 * Rewrites a JSON text so that it has another value. Every byte of what stays is as it was: numbers, escapes, white space, and the order of
 * keys. What is new is printed as Go prints it, and set as its neighbours are.
 *
 * @param text one that parses
 * @param before its value
 * @param after the value that the result has; what stays should be the same object as in `before`, so that nothing looks inside
 */
export function editJson(text: string, before: unknown, after: unknown): string {
  const start = skipSpace(text, 0);
  const end = skipValue(text, start);
  const edit = new Edit(text, stepOf(text, start));
  return text.slice(0, start) + edit.value(start, end, before, after) + text.slice(end);
}

/** A part of the new text without the white space in front of it. */
interface Piece {
  readonly lead: string;
  readonly text: string;
  readonly trail: string;
}

class Edit {
  constructor(
    private readonly source: string,
    /** White space of a level; empty for a text on one line. */
    private readonly step: string,
  ) {}

  value(start: number, end: number, before: unknown, after: unknown): string {
    if (before !== after) {
      if (isObject(before) && isObject(after)) return this.#object(start, before, after);
      if (Array.isArray(before) && Array.isArray(after)) return this.#array(start, before, after);
      if (!isSameJson(before, after)) return this.#print(after, marginAt(this.source, start));
    }
    return this.source.slice(start, end);
  }

  #object(start: number, before: JsonObject, after: JsonObject): string {
    const { parts, tail } = readParts(this.source, start);
    // Of several members with one key the last one counts.
    const last = new Map(parts.map((part) => [part.key, part]));
    const pieces = new Map<JsonPart | string, Piece>();
    for (const part of parts) {
      const { key = '', lead, label, valueStart, valueEnd, trail } = part;
      if (!Object.hasOwn(after, key)) continue;
      const isCounted = last.get(key) === part;
      const value = isCounted
        ? this.value(valueStart, valueEnd, before[key], after[key])
        : this.source.slice(valueStart, valueEnd);
      pieces.set(part, { lead, text: label + value, trail });
    }
    const order = [...pieces.keys()];
    const keys = inGoOrder(after);
    for (const [index, key] of keys.entries()) {
      if (last.has(key)) continue;
      const previous = keys[index - 1];
      const place = previous === undefined ? 0 : order.indexOf(last.get(previous) ?? previous) + 1;
      const displaced = order.slice(place).find((one) => typeof one !== 'string');
      order.splice(place, 0, key);
      pieces.set(key, this.#newPiece(start, displaced ?? parts.at(-1), { key, value: after[key] }));
    }
    return this.#join(
      '{',
      order.flatMap((one) => pieces.get(one) ?? []),
      '}',
      start,
      { parts, tail },
    );
  }

  #array(start: number, before: readonly unknown[], after: readonly unknown[]): string {
    const { parts, tail } = readParts(this.source, start);
    const { front, back, changed } = alignItems(before, after);
    const pieces = parts.flatMap((part, index): Piece[] => {
      const { lead, valueStart, valueEnd, trail } = part;
      if (index < front || index >= before.length - back)
        return [{ lead, text: this.source.slice(valueStart, valueEnd), trail }];
      if (index >= front + changed) return [];
      return [{ lead, text: this.value(valueStart, valueEnd, before[index], after[index]), trail }];
    });
    const added = after.slice(front + changed, after.length - back);
    const place = front + changed;
    const fresh = added.map((value) => this.#newPiece(start, parts[place] ?? parts.at(-1), { key: undefined, value }));
    return this.#join('[', pieces.toSpliced(place, 0, ...fresh), ']', start, { parts, tail });
  }

  /** A new part in the style of one that is there. */
  #newPiece(
    start: number,
    neighbour: JsonPart | undefined,
    { key, value }: { readonly key: string | undefined; readonly value: unknown },
  ): Piece {
    const lead = neighbour?.lead ?? (this.step === '' ? '' : `\n${marginAt(this.source, start)}${this.step}`);
    const colon = neighbour?.label.slice(endOfString(neighbour.label, 0)) ?? (this.step === '' ? ':' : ': ');
    const label = key === undefined ? '' : quoteGoJson(key) + colon;
    return { lead, text: label + this.#print(value, marginIn(lead)), trail: '' };
  }

  #print(value: unknown, margin: string | undefined): string {
    return printGoJson(withGoMaps(value), margin === undefined ? '' : this.step, margin);
  }

  #join(open: string, pieces: readonly Piece[], close: string, start: number, { parts, tail }: JsonParts): string {
    if (pieces.length === 0) return parts.length === 0 ? open + tail + close : open + close;
    const end = parts.length > 0 || this.step === '' || tail !== '' ? tail : `\n${marginAt(this.source, start)}`;
    const body = pieces.map(({ lead, text, trail }, index) => {
      return lead + text + (index === pieces.length - 1 ? '' : trail);
    });
    return open + body.join(',') + end + close;
  }
}

/** Keys in the order in which Go prints them: an object puts numbers first, which are keys of Go's maps alone. */
function inGoOrder(object: JsonObject): readonly string[] {
  const keys = Object.keys(object);
  return isGoMap(object) ? sortedByBytes(new Map(keys.map((key) => [key, key]))).map(([key]) => key) : keys;
}

function isGoMap(object: JsonObject): boolean {
  return Object.keys(object).some((key) => /^\d+$/.test(key));
}

function withGoMaps(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(withGoMaps);
  if (!isObject(value)) return value as GoValue;
  const members = Object.entries(value).map(([key, member]): [string, GoValue] => [key, withGoMaps(member)]);
  return isGoMap(value) ? new Map(members) : Object.fromEntries(members);
}

/** White space of a level: that of the first line inside the outermost bracket. */
function stepOf(text: string, start: number): string {
  const [first] = '[{'.includes(text.charAt(start)) ? readParts(text, start).parts : [];
  return marginIn(first?.lead ?? '') ?? '';
}

/** White space at the beginning of the line that has a place. */
function marginAt(text: string, at: number): string {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  return /[ \t]*/y.exec(text.slice(line, at))?.[0] ?? '';
}

/** White space behind the last line feed; undefined without one. */
function marginIn(lead: string): string | undefined {
  const line = lead.lastIndexOf('\n');
  return line === -1 ? undefined : lead.slice(line + 1);
}
