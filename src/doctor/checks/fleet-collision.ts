import { formatCidr } from '../../ip/cidr.js';
import { key } from '../facts/key.js';
import { declareCheck } from './check.js';

export const fleetCollision = declareCheck({
  code: 'fleet-collision',
  severity: 'error',
  title: 'A network has addresses of another host of the fleet',
  why: 'Hosts that route to one another send packets for these addresses to one of the two; podnetd touches no network by itself.',
  fix: undefined,
  follows: [],
  look: ({ fleet }) =>
    fleet.collisions.map(({ network, subnet, block, owner }) => ({
      seen: `subnet ${formatCidr(subnet)} of network ${network} is in block ${formatCidr(block)} of host ${owner}`,
      remedy: `remove the network on one of the two hosts and make it again without a subnet: "podman network rm ${network} && podman network create ${network}"`,
      about: [key.network(network)],
    })),
});
