import { compileAnyRegexp, RegexpBudget, type TextTest } from '../go/regexp.js';
import type { StringMap } from '../network.js';

export type LabelTest = (labels: StringMap) => boolean;

/**
 * Whether there is a label as `key` or `key=value` says; `key=` is the same as `key`.
 *
 * source: containers/common pkg/filters/filters.go@v0.50.1
 */
export function compileLabelTest(spec: string): LabelTest {
  const { key, isValue } = split(spec);
  return (labels) => isValue(labels.get(key));
}

/**
 * As {@link compileLabelTest}, where `*` in a key makes a pattern of it.
 *
 * @param filter the key of the filter, for the error
 * @throws NetworkError filterTooLarge
 */
export function compileLabelGlobs(filter: string, specs: readonly string[]): readonly LabelTest[] {
  const budget = new RegexpBudget(filter);
  return specs.map((spec) => {
    const { key, isValue } = split(spec);
    if (!key.includes('*')) return compileLabelTest(spec);
    const matches = compileGlob(budget, `*${key}*`.replaceAll('/', '|'));
    // Where the pattern has none of these, a slash in a name is a character like any other.
    const toName = /[/|?[\\]/.test(key) ? (name: string) => name.replaceAll('/', '|') : (name: string) => name;
    return (labels) => {
      if (isValue(labels.get(key))) return true;
      for (const [name, found] of labels) if (isValue(found) && matches(toName(name))) return true;
      return false;
    };
  });
}

function split(spec: string): { readonly key: string; readonly isValue: (found: string | undefined) => boolean } {
  const at = spec.indexOf('=');
  const key = at < 0 ? spec : spec.slice(0, at);
  const value = at < 0 ? '' : spec.slice(at + 1);
  return { key, isValue: (found) => found !== undefined && (value === '' || found === value) };
}

const matchNothing: TextTest = () => false;

/** Each label is tested. A test by an expression takes ten times as long as one by its parts, however few instructions the expression has. */
const leastInstructions = 250;

/** A pattern of Go's filepath.Match for texts without slashes; a bad one matches nothing. source: Go path/filepath/match.go@go1.19 */
function compileGlob(budget: RegexpBudget, glob: string): TextTest {
  if (!/[?[\\]/.test(glob)) return compileParts(glob.split('*').filter(Boolean));
  const chars = Array.from(glob);
  let expression = '';
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (char === '*') {
      if (!expression.endsWith('.*')) expression += '.*';
    } else if (char === '?') expression += '.';
    else if (char === '[') {
      const found = readClass(chars, at + 1);
      if (found === undefined) return matchNothing;
      expression += found.expression;
      at = found.end;
    } else {
      if (char === '\\') at += 1;
      const literal = chars[at];
      if (literal === undefined) return matchNothing;
      expression += escape(literal);
    }
  }
  budget.spend(leastInstructions);
  return compileAnyRegexp(budget, [String.raw`(?s)\A(?:${expression})\z`]);
}

/** A test for the parts of a pattern that begins and ends with a `*`: one behind the other, with any text between them. */
function compileParts(parts: readonly string[]): TextTest {
  return (text) => {
    let at = 0;
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** @returns the class, and the position of its bracket; undefined when it is not closed or badly formed */
function readClass(chars: readonly string[], start: number): { expression: string; end: number } | undefined {
  const isNegated = chars[start] === '^';
  let at = isNegated ? start + 1 : start;
  const readMember = (): string | undefined => {
    const char = chars[at];
    if (char === '-' || char === ']') return undefined;
    if (char === '\\') at += 1;
    at += 1;
    return chars[at - 1];
  };
  const ranges: string[] = [];
  do {
    const low = readMember();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (chars[at] === '-') {
      at += 1;
      high = readMember();
    }
    if (high === undefined) return undefined;
    ranges.push(rangeOf(low, high));
  } while (chars[at] !== ']');
  // A range from high to low has no member.
  const members = ranges.join('');
  const everything = String.raw`\x{0}-\x{10ffff}`;
  if (members === '') return { expression: isNegated ? `[${everything}]` : `[^${everything}]`, end: at };
  return { expression: `[${isNegated ? '^' : ''}${members}]`, end: at };
}

function rangeOf(low: string, high: string): string {
  if (codeOf(low) > codeOf(high)) return '';
  return `${escape(low)}-${escape(high)}`;
}

function escape(char: string): string {
  return String.raw`\x{${codeOf(char).toString(16)}}`;
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0;
}
