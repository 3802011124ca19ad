import { compileAnyRegexp, type TextTest } from './go-regexp.js';
import type { StringMap } from './network.js';

/**
 * Whether there is a label as `key` or `key=value` says; `key=` is the same as `key`.
 *
 * @param globs whether `*` in the key makes a pattern of it
 * @throws NetworkError filterTooLarge
 * source: containers/common pkg/filters/filters.go@v0.50.1
 */
export function compileLabelTest(spec: string, globs: boolean): (labels: StringMap) => boolean {
  const split = spec.indexOf('=');
  const key = split < 0 ? spec : spec.slice(0, split);
  const value = split < 0 ? '' : spec.slice(split + 1);
  const isValue = (found: string | undefined) => found !== undefined && (value === '' || found === value);
  if (!globs || !key.includes('*')) return (labels) => isValue(labels.get(key));
  const matches = compileGlob(`*${key}*`.replaceAll('/', '|'));
  return (labels) =>
    isValue(labels.get(key)) ||
    [...labels].some(([name, found]) => isValue(found) && matches(name.replaceAll('/', '|')));
}

const matchNothing: TextTest = () => false;

/** A pattern of Go's filepath.Match for texts without slashes; a bad one matches nothing. source: Go path/filepath/match.go@go1.19 */
function compileGlob(glob: string): TextTest {
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
  return compileAnyRegexp('label', [String.raw`(?s)\A(?:${expression})\z`]);
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
