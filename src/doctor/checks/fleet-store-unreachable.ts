import { declareCheck } from './check.js';
import { seeProblems } from './fleet-problem.js';

export const fleetStoreUnreachable = declareCheck({
  code: 'fleet-store-unreachable',
  severity: 'warning',
  title: 'The store of the fleet does not answer',
  why: "Creates go on in this host's own blocks; when these are full, creates fail, because no further block can be claimed.",
  fix: undefined,
  follows: [],
  look: (facts) =>
    seeProblems(
      facts,
      'store-unreachable',
      'start etcd, or correct endpoints, certificates and password in [fleet] of podnetd.toml; podnetd tries again by itself',
    ),
});
