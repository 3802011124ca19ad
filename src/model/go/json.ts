/** JSON text as Go's encoding/json prints it; conflists and answers are compared byte for byte with Podman's. */

export type GoValue =
  | string
  | number
  | boolean
  | null
  | readonly GoValue[]
  | ReadonlyMap<string, GoValue>
  | { readonly [key: string]: GoValue | undefined };

/**
 * Prints a value. A Map is a Go map (keys sorted by their bytes), a plain object is a Go struct (keys in the order given, `undefined` omitted).
 *
 * @param indent spaces a level, or the text of a level; 0 and the empty text print compactly
 * @param margin text in front of the line that the value begins on
 */
export function printGoJson(value: GoValue, indent: number | string = 0, margin = ''): string {
  return print(value, typeof indent === 'string' ? indent : ' '.repeat(indent), margin);
}

function print(value: GoValue, step: string, margin: string): string {
  if (typeof value === 'string') return quoteGoJson(value);
  if (value === null || typeof value !== 'object') return String(value);
  const inner = margin + step;
  if (isArray(value)) {
    const items = value.map((item) => print(item, step, inner));
    return wrap('[', items, ']', step, margin);
  }
  const colon = step === '' ? ':' : ': ';
  const members: string[] = [];
  const add = (key: string, member: GoValue | undefined) => {
    if (member !== undefined) members.push(quoteGoJson(key) + colon + print(member, step, inner));
  };
  if (value instanceof Map) for (const [key, member] of sortedByBytes<GoValue>(value)) add(key, member);
  else for (const key of Object.keys(value)) add(key, (value as Readonly<Record<string, GoValue>>)[key]);
  return wrap('{', members, '}', step, margin);
}

function wrap(open: string, items: readonly string[], close: string, step: string, margin: string): string {
  if (items.length === 0) return open + close;
  if (step === '') return open + items.join(',') + close;
  const inner = `\n${margin}${step}`;
  return `${open}${inner}${items.join(`,${inner}`)}\n${margin}${close}`;
}

function isArray(value: object): value is readonly GoValue[] {
  return Array.isArray(value);
}

/** Go sorts map keys by their UTF-8 bytes. */
export function sortedByBytes<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].toSorted(([a], [b]) => compareByBytes(a.toWellFormed(), b.toWellFormed()));
}

function compareByBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [unitOfA, unitOfB] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (unitOfA !== unitOfB) return rank(unitOfA) - rank(unitOfB);
  }
  return a.length - b.length;
}

/** Surrogate code units are smaller than the units that follow them, though their characters are larger than all others. */
function rank(unit: number): number {
  return unit >= 0xd8_00 && unit < 0xe0_00 ? unit + 0x1_00_00 : unit;
}

// oxlint-disable-next-line no-control-regex -- these are the characters whose escapes differ between Go and JavaScript
const needsCare = /[<>&\u2028\u2029\b\f\ud800-\udfff]/;

// oxlint-disable-next-line no-control-regex -- the control characters are escaped
const needsEscape = /["\\<>&\u0000-\u001f\u2028\u2029\ud800-\udfff]/;

export function quoteGoJson(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  if (!needsCare.test(text)) return JSON.stringify(text);
  return JSON.stringify(text.toWellFormed()).replaceAll(/\\\\|\\b|\\f|[<>&\u2028\u2029]/g, (found) => {
    if (found === '\\\\') return found;
    const char = found === '\\b' ? '\b' : found === '\\f' ? '\f' : found;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Wraps parsed JSON so that every object prints as a Go map (sorted keys), values untouched. */
export function asGoMaps(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(asGoMaps);
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([key, member]) => [key, asGoMaps(member)]));
  }
  return value as GoValue;
}
