import { RE2JS, RE2JSSyntaxException } from 're2js';
import { bounds } from '../bounds.js';
import { NetworkError } from '../errors/errors.js';

export type TextTest = (text: string) => boolean;

/** The steps left for the expressions of one key: for each character of a text, a test takes as many steps as the expressions have instructions. */
export class RegexpBudget {
  #spent = 0;

  /** @param filter the key, for the error */
  constructor(readonly filter: string) {}

  /** @throws NetworkError filterTooLarge */
  spend(instructions: number): void {
    this.#spent += instructions;
    const limit = bounds.filterInstructions;
    if (this.#spent > limit) throw new NetworkError('filterTooLarge', { filter: this.filter, limit });
  }
}

/**
 * Whether any of the expressions, in Go's syntax, matches some part of a text, in time linear in its length.
 *
 * QUIRK(podman): an invalid expression matches nothing. source: containers/common pkg/util/util.go@v0.50.1
 *
 * @throws NetworkError filterTooLarge
 */
export function compileAnyRegexp(budget: RegexpBudget, expressions: readonly string[]): TextTest {
  const tests = expressions.map((expression) => compilePlain(expression) ?? compileRegexp(budget, expression));
  return (text) => tests.some((test) => test(text));
}

/** A test for a name or a part of one, with or without anchors, which clients ask for most. @returns undefined for other expressions */
function compilePlain(expression: string): TextTest | undefined {
  const [, start, word = '', end] = /^(\^?)([\w-]*)(\$?)$/.exec(expression) ?? [];
  if (start === undefined) return undefined;
  if (start === '^') return end === '$' ? (text) => text === word : (text) => text.startsWith(word);
  return end === '$' ? (text) => text.endsWith(word) : (text) => text.includes(word);
}

function compileRegexp(budget: RegexpBudget, expression: string): TextTest {
  try {
    const regexp = RE2JS.compile(expression);
    budget.spend(regexp.programSize());
    return (text) => regexp.test(text);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return () => false;
    throw error;
  }
}
