import { declareCheck } from './check.js';
import { seeProblems } from './fleet-problem.js';

export const fleetTooManyBlocks = declareCheck({
  code: 'fleet-too-many-blocks',
  severity: 'error',
  title: 'A network overlaps more blocks of the fleet than a host claims',
  why: 'Other hosts may be given addresses of that network.',
  fix: undefined,
  follows: [],
  look: (facts) =>
    seeProblems(
      facts,
      'too-many-blocks',
      'make the network again on a smaller subnet, or on one outside of the pools of the fleet',
    ),
});
