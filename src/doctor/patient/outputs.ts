import type { OutputFacts } from '../facts/facts.js';

/** The outputs that have a reason. @param reasons why each could not be written to at the last try, by its name */
export function listUnwritable(reasons: ReadonlyMap<string, string | undefined>): readonly OutputFacts[] {
  return [...reasons].flatMap(([name, reason]) => (reason === undefined ? [] : [{ name, reason }]));
}
