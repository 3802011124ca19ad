import { formatAddress } from '../../ip/cidr.js';
import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const leaseOrphan = declareCheck({
  code: 'lease-orphan',
  severity: 'warning',
  title: 'An address is leased to a container that is gone',
  why: 'host-local gives the address to no other container, until the subnet is exhausted.',
  fix: "runs the plugins' GC where they have it, and their DEL with the network's file",
  follows: ['intent-dead', 'attachment-gone'],
  look: ({ attachments }) =>
    attachments.leased.map(({ networkName, containerId, addresses }) => ({
      seen: `${addresses.map(({ address }) => formatAddress(address)).join(', ')} of network ${networkName}, for container ${containerId}`,
      remedy: 'podnetd doctor --fix --only lease-orphan',
      about: [key.container(networkName, containerId)],
      repair: { act: 'collect', network: networkName },
    })),
});
