import { parse } from 'smol-toml';

/** Keys and array indexes from the top of a document down to a value. */
export type ValuePath = readonly (string | number)[];

/** As smol-toml reads containers.conf: large integers of keys that do not concern us must not fail. */
export function parseToml(text: string): unknown {
  return parse(text, { integersAsBigInt: true });
}

/**
 * The line, from 1, on which the statement starts that brings a value, or the nearest parent there is, into a document that parses.
 *
 * The parser reports no positions. But it accepts the first n lines only where a statement ends with the last of them. So the statement starts
 * at the smallest n from which the next accepted length has the value, which a binary search finds.
 */
export function findLine(text: string, valuePath: ValuePath): number | undefined {
  const document = parseToml(text);
  let known = valuePath;
  while (known.length > 0 && !has(document, known)) known = known.slice(0, -1);
  if (known.length === 0) return undefined;

  const lines = text.split('\n');
  let before = 0;
  let line = lines.length;
  while (line - before > 1) {
    const middle = (before + line) >> 1;
    if (has(parseStatements(lines, middle), known)) line = middle;
    else before = middle;
  }
  return line;
}

/** The document made of the first lines, and of as many more as end a statement. */
function parseStatements(lines: readonly string[], atLeast: number): unknown {
  for (let count = atLeast; count < lines.length; count += 1) {
    try {
      return parseToml(`${lines.slice(0, count).join('\n')}\n`);
    } catch {
      // Inside a statement: it goes on in the next line.
    }
  }
  return parseToml(lines.join('\n'));
}

function has(document: unknown, valuePath: ValuePath): boolean {
  let value = document;
  for (const key of valuePath) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string | number, unknown>)[key];
  }
  return true;
}
