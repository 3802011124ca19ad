import { loadBeside } from './beside.js';
import type * as PrettyLines from './pretty-lines.js';

/** Only a daemon on a terminal reads these packages. */
const prettyFile = 'podnetd-pretty.cjs';

/** @returns a function that makes readable lines of a JSON line; undefined without the file that has it */
export function loadPretty(withColours: boolean): ((line: string) => string) | undefined {
  try {
    const { makePretty } = loadBeside(prettyFile) as typeof PrettyLines;
    return makePretty(withColours);
  } catch {
    return undefined;
  }
}
