import { declareCheck } from './check.js';
import { key } from '../facts/key.js';

export const dnsnameLeft = declareCheck({
  code: 'dnsname-left',
  severity: 'warning',
  title: "dnsname's server runs for a network that is gone",
  why: 'It keeps the port 53 of its gateway, so the server of the next network with that gateway does not start ("Address already in use").',
  fix: 'ends the process, if its bridge is gone',
  follows: ['bridge-unused'],
  look: ({ dnsmasqs, folder, attachments, kernel }) =>
    dnsmasqs
      .filter(
        ({ network }) =>
          !folder.networks.some(({ name }) => name === network) &&
          !attachments.recorded.some(({ attachment }) => attachment.networkName === network) &&
          !attachments.intents.some(({ work }) => work.networkName === network),
      )
      .map((dnsmasq) => {
        const { process, network, link } = dnsmasq;
        const bridge = kernel?.links.find(({ name }) => name === link);
        // A bridge that another folder's network may have keeps its server; one that the repair removes does not.
        const isServed =
          bridge !== undefined && (bridge.isNamed || kernel?.links.some(({ master }) => master === link) === true);
        const isSafe =
          link !== undefined && !isServed && (bridge === undefined || bridge.name.startsWith('cni-podman'));
        return {
          seen: `dnsmasq, process ${process.pid}, of network ${network}${link === undefined ? '' : `, for bridge ${link}`}`,
          remedy: isSafe
            ? 'podnetd doctor --fix --only dnsname-left'
            : `kill ${process.pid}, if no other folder of networks has ${network}`,
          about: [key.network(network), ...(link === undefined ? [] : [key.bridge(link)])],
          repair: isSafe ? { act: 'endDnsmasq', dnsmasq } : undefined,
        };
      }),
});
