import { RE2JS, RE2JSSyntaxException } from 're2js';
import { NetworkError } from './errors.js';

export type TextTest = (text: string) => boolean;

/** Instructions of all expressions of a key together; a name of ordinary length has some dozen. */
const sizeLimit = 10_000;

/**
 * Whether any of the expressions, in Go's syntax, matches some part of a text, in time linear in its length.
 *
 * QUIRK(podman): an expression that is none matches nothing. source: containers/common pkg/util/util.go@v0.50.1
 *
 * @param filter the key, for the error
 * @throws NetworkError filterTooLarge
 */
export function compileAnyRegexp(filter: string, expressions: readonly string[]): TextTest {
  const compiled: RE2JS[] = [];
  let size = 0;
  for (const expression of expressions) {
    const regexp = compileRegexp(expression);
    if (regexp === undefined) continue;
    size += regexp.programSize();
    if (size > sizeLimit) throw new NetworkError('filterTooLarge', { filter, limit: sizeLimit });
    compiled.push(regexp);
  }
  return (text) => compiled.some((regexp) => regexp.test(text));
}

/** @returns undefined when it is none */
function compileRegexp(expression: string): RE2JS | undefined {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return undefined;
    throw error;
  }
}
