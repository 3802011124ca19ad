/** The members of a JSON object, or the items of an array, by their places in a text that parses. */

export interface JsonPart {
  /** The key of a member, as JSON.parse reads it; undefined for an item. */
  readonly key: string | undefined;
  /** White space between the bracket or comma in front of the part and the part. */
  readonly lead: string;
  /** From the key of a member to its value, with the colon and the white space around it; empty for an item. */
  readonly label: string;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** White space between the part and the comma behind it; empty for the last part. */
  readonly trail: string;
}

export interface JsonParts {
  readonly parts: readonly JsonPart[];
  /** White space in front of the closing bracket. */
  readonly tail: string;
}

const space = /[ \t\n\r]*/y;

/** @returns the place of the first character at or behind `at` that is no white space */
export function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}

/** @param at place of a value's first character @returns the place behind the value */
export function skipValue(text: string, at: number): number {
  if (!'"[{'.includes(text.charAt(at))) return skipScalar(text, at);
  let depth = 0;
  for (let place = at; place < text.length; place += 1) {
    const char = text.charAt(place);
    if (char === '"') place = endOfString(text, place) - 1;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth === 0) return place + 1;
  }
  return text.length;
}

function skipScalar(text: string, at: number): number {
  let place = at;
  while (place < text.length && !/[\s,\]}]/.test(text.charAt(place))) place += 1;
  return place;
}

/** @param at place of the opening quotation mark @returns the place behind the closing one */
export function endOfString(text: string, at: number): number {
  let place = at + 1;
  while (place < text.length && text.charAt(place) !== '"') place += text.charAt(place) === '\\' ? 2 : 1;
  return place + 1;
}

/** @param start place of the opening bracket of an object or array */
export function readParts(text: string, start: number): JsonParts {
  const isObject = text.charAt(start) === '{';
  const parts: JsonPart[] = [];
  let at = start + 1;
  for (;;) {
    const begin = skipSpace(text, at);
    const lead = text.slice(at, begin);
    if (isClosing(text, begin)) return { parts, tail: lead };
    const keyEnd = isObject ? endOfString(text, begin) : begin;
    const valueStart = isObject ? skipSpace(text, skipSpace(text, keyEnd) + 1) : begin;
    const valueEnd = skipValue(text, valueStart);
    const next = skipSpace(text, valueEnd);
    const key = isObject ? (JSON.parse(text.slice(begin, keyEnd)) as string) : undefined;
    const isLast = isClosing(text, next);
    const trail = text.slice(valueEnd, next);
    parts.push({ key, lead, label: text.slice(begin, valueStart), valueStart, valueEnd, trail: isLast ? '' : trail });
    if (isLast) return { parts, tail: trail };
    at = next + 1;
  }
}

function isClosing(text: string, at: number): boolean {
  return at >= text.length || text.charAt(at) === '}' || text.charAt(at) === ']';
}
