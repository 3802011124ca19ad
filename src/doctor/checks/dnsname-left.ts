import { deviceNumber } from '../../model/names.js';
import { declareCheck } from './check.js';
import type { KernelFacts } from '../facts/facts.js';
import { key } from '../facts/key.js';
import { linksByName, networksByName, portsByLink } from '../facts/lookups.js';

export const dnsnameLeft = declareCheck({
  code: 'dnsname-left',
  severity: 'warning',
  title: "dnsname's server runs for a network that is gone",
  why: 'It keeps the port 53 of its gateway, so the server of the next network with that gateway does not start ("Address already in use").',
  fix: 'ends the process, if its bridge is gone',
  follows: ['bridge-unused'],
  look: ({ dnsmasqs, folder, attachments, kernel }) => {
    const used = new Set([
      ...attachments.recorded.map(({ attachment }) => attachment.networkName),
      ...attachments.intents.map(({ work }) => work.networkName),
    ]);
    return dnsmasqs
      .filter(({ network }) => !networksByName(folder).has(network) && !used.has(network))
      .map((dnsmasq) => {
        const { process, network, link } = dnsmasq;
        const isSafe = kernel !== undefined && link !== undefined && isUnused(link, kernel);
        return {
          seen: `dnsmasq, process ${process.pid}, of network ${network}${link === undefined ? '' : `, for bridge ${link}`}`,
          remedy: isSafe
            ? 'podnetd doctor --fix --only dnsname-left'
            : `kill ${process.pid}, if no other folder of networks has ${network}`,
          about: [key.network(network), ...(link === undefined ? [] : [key.bridge(link)])],
          repair: isSafe ? { act: 'endDnsmasq', dnsmasq } : undefined,
        };
      });
  },
});

/** Whether a server's bridge is gone, or one that a repair removes; a network of another folder may have any other bridge. */
function isUnused(link: string, kernel: KernelFacts): boolean {
  const bridge = linksByName(kernel).get(link);
  if (bridge === undefined) return true;
  return deviceNumber(link) !== undefined && !bridge.isNamed && !portsByLink(kernel).has(link);
}
