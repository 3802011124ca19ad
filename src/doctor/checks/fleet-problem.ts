import type { FleetProblem } from '../../model/fleet.js';
import type { Facts } from '../facts/facts.js';
import type { Sighting } from './check.js';

/** The problems of one code that this host has in its fleet, all with one remedy. */
export function seeProblems({ fleet }: Facts, code: FleetProblem['code'], remedy: string): readonly Sighting[] {
  return fleet.problems.filter((one) => one.code === code).map(({ reason }) => ({ seen: reason, remedy, about: [] }));
}
