import { formatAddress } from '../../ip/cidr.js';
import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const attachmentGone = declareCheck({
  code: 'attachment-gone',
  severity: 'warning',
  title: 'The network namespace of an attachment is gone',
  why: 'The container ended without a DEL, as in a crash of its runtime or of the machine. Its addresses, ports and rules are kept for nothing.',
  fix: "runs the plugins' GC where they have it, and their DEL with the arguments of the ADD",
  follows: ['intent-dead'],
  look: ({ attachments }) =>
    attachments.recorded
      .filter(({ liveness }) => liveness === 'gone')
      .map(({ attachment }) => {
        const { networkName, containerId, containerName = containerId, ifName, netns = '', addresses } = attachment;
        const has =
          addresses.length === 0 ? '' : `, with ${addresses.map((one) => formatAddress(one.address)).join(', ')}`;
        return {
          seen: `container ${containerName}, interface ${ifName}, on network ${networkName}${has}; no such namespace is at ${netns}`,
          remedy: 'podnetd doctor --fix --only attachment-gone',
          // Not the network: not every finding about that follows from a dead container.
          about: [key.container(networkName, containerId)],
          repair: { act: 'collect', network: networkName },
        };
      }),
});
