import { declareCheck } from './check.js';
import { seeProblems } from './fleet-problem.js';

export const fleetHostTwice = declareCheck({
  code: 'fleet-host-twice',
  severity: 'error',
  title: 'Another machine uses the name of this host in the fleet',
  why: 'This host claims no block while the other one lives, because the two would share their claims.',
  fix: undefined,
  follows: [],
  look: (facts) =>
    seeProblems(
      facts,
      'host-twice',
      'give one of the two another host in [fleet] of podnetd.toml (a cloned machine has the /etc/machine-id of its original: "systemd-machine-id-setup"), then "systemctl restart podnetd"',
    ),
});
