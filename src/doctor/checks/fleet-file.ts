import { declareCheck } from './check.js';
import { seeProblems } from './fleet-problem.js';

export const fleetFile = declareCheck({
  code: 'fleet-file',
  severity: 'error',
  title: 'The file of own blocks cannot be written',
  why: 'This host claims no further block, since a claim counts when it is in that file.',
  fix: undefined,
  follows: [],
  look: (facts) =>
    seeProblems(
      facts,
      'file',
      'give the file system room ("df -h"), or the folder of state_file the rights of the user of podnetd; podnetd tries again by itself',
    ),
});
