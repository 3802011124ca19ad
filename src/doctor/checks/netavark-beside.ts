import { declareCheck } from './check.js';
import { listNames } from './words.js';

export const netavarkBeside = declareCheck({
  code: 'netavark-beside',
  severity: 'note',
  title: 'Podman keeps networks for netavark, which this folder does not show',
  why: 'podnetd shows none of them, and Podman none of these. podnetd avoids their subnets only while their bridges are up.',
  fix: undefined,
  follows: [],
  look: ({ netavark }) =>
    netavark === undefined
      ? []
      : [
          {
            seen: `${netavark.folder} has ${listNames('network', netavark.networks)}`,
            remedy:
              'reserve their subnets in podnetd.toml, or set network_backend = "cni" in containers.conf and make them again ("podman info" shows the backend)',
            about: [],
          },
        ],
});
