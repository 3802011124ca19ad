import { createRequire } from 'node:module';
import type * as PrettyLines from './pretty-lines.js';

/** Beside the bundle, and not a part of it: only a daemon on a terminal reads these packages. */
const prettyFile = './podnetd-pretty.cjs';

/** @returns a function that makes readable lines of a JSON line; undefined without the file that has it */
export function loadPretty(withColours: boolean): ((line: string) => string) | undefined {
  try {
    const { makePretty } = createRequire(import.meta.url)(prettyFile) as typeof PrettyLines;
    return makePretty(withColours);
  } catch {
    return undefined;
  }
}
