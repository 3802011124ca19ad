import { declareCheck } from './check.js';
import { seeProblems } from './fleet-problem.js';

export const fleetLayout = declareCheck({
  code: 'fleet-layout',
  severity: 'error',
  title: 'The pools of this host contradict those of the fleet',
  why: 'This host claims no block, because its blocks would overlap those of others.',
  fix: undefined,
  follows: [],
  look: (facts) =>
    seeProblems(
      facts,
      'layout',
      'write the same base and block of each pool into [fleet] of podnetd.toml on each host, then "systemctl restart podnetd"',
    ),
});
