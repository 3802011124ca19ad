import { quoteGoJson, sortedByBytes } from './json.js';

/** An array or object that is being printed. */
interface Level {
  readonly close: ']' | '}';
  /** Keys of an object's members; none for an array. */
  readonly members: readonly (readonly [key: string | undefined, member: unknown])[];
  next: number;
}

/**
 * Prints parsed JSON compactly as Go prints it from maps: keys sorted by their bytes, values untouched. Other programs' files may be nested
 * deeply, so the function does not recurse.
 */
export function printParsedJson(value: unknown): string {
  const open: Level[] = [];
  let text = begin(value, open);
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const entry = level.members[level.next];
    if (entry === undefined) {
      text += level.close;
      open.pop();
      continue;
    }
    const [key, member] = entry;
    if (level.next > 0) text += ',';
    level.next += 1;
    if (key !== undefined) text += `${quoteGoJson(key)}:`;
    text += begin(member, open);
  }
  return text;
}

/** The text of a scalar, or the beginning of what is put on `open`. */
function begin(value: unknown, open: Level[]): string {
  if (typeof value === 'string') return quoteGoJson(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) {
    open.push({ close: ']', members: value.map((member: unknown) => [undefined, member]), next: 0 });
    return '[';
  }
  const present = Object.entries(value).filter(([, member]) => member !== undefined);
  open.push({ close: '}', members: sortedByBytes(new Map<string, unknown>(present)), next: 0 });
  return '{';
}
