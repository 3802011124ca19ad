import { mapInShares } from '../../model/in-shares.js';
import type { Finding } from '../../model/finding.js';
import type { Check, Repair, Sighting } from './check.js';
import type { Facts } from '../facts/facts.js';

/** A finding with what `--fix` would do. */
export interface Diagnosis extends Finding {
  readonly repair: Repair | undefined;
}

const order = ['error', 'warning', 'note'] as const;

interface Seen {
  readonly check: Check;
  readonly sighting: Sighting;
}

/** Runs checks on facts, with turns for other work: errors first, and each finding that follows from another behind that one. */
export async function diagnose(facts: Facts, checks: readonly Check[]): Promise<readonly Diagnosis[]> {
  const sorted = checks.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const looks = await mapInShares(sorted, (check) => check.look(facts).map((sighting) => ({ check, sighting })));
  const all = looks.flat();
  const firsts = indexFirsts(all);
  const effects = new Map<Seen | undefined, Seen[]>();
  for (const one of all) {
    const cause = findCause(one.check, one.sighting, firsts);
    const others = effects.get(cause);
    if (others === undefined) effects.set(cause, [one]);
    else others.push(one);
  }
  // The table has no circle (a test holds it), so that this ends.
  const list = (cause: Seen | undefined): readonly Diagnosis[] =>
    (effects.get(cause) ?? []).flatMap((one) => [toDiagnosis(one, cause?.check.code), ...list(one)]);
  return list(undefined);
}

/** The first finding of each code about each subject. */
function indexFirsts(all: readonly Seen[]): ReadonlyMap<string, Seen> {
  const firsts = new Map<string, Seen>();
  for (const one of all) {
    for (const subject of one.sighting.about) {
      const place = `${one.check.code} ${subject}`;
      if (!firsts.has(place)) firsts.set(place, one);
    }
  }
  return firsts;
}

function findCause(check: Check, sighting: Sighting, firsts: ReadonlyMap<string, Seen>): Seen | undefined {
  for (const code of check.follows) {
    for (const subject of sighting.about) {
      const cause = firsts.get(`${code} ${subject}`);
      if (cause !== undefined) return cause;
    }
  }
  return undefined;
}

function toDiagnosis({ check, sighting }: Seen, causedBy: string | undefined): Diagnosis {
  const { code, severity, title, why } = check;
  const { seen, remedy, repair } = sighting;
  return { code, severity, title, seen, why, remedy, isFixable: repair !== undefined, causedBy, repair };
}
