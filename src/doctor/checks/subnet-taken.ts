import { covers, formatCidr, overlaps } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { declareCheck, type Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { KernelFacts, LinkFacts, NetworkFacts } from '../facts/facts.js';

/** Types of plugins whose links on the host are known: others make links of any name. */
const known = new Set(['bridge', 'ptp']);
/** Bits of a default route at most: VPNs write it as `0.0.0.0/1` and `128.0.0.0/1`. */
const defaultRouteBits = 1;

export const subnetTaken = declareCheck({
  code: 'subnet-taken',
  severity: 'warning',
  title: 'An interface or a route has taken the subnet of a network since',
  why: 'Packets for the addresses that both have go to one of the two: containers, or the hosts behind the interface, cannot be reached.',
  fix: undefined,
  follows: [],
  look: ({ folder, kernel }) =>
    kernel === undefined ? [] : folder.networks.flatMap((network) => lookAt(network, kernel)),
});

function lookAt(network: NetworkFacts, { links, routes }: KernelFacts): readonly Sighting[] {
  const first = network.stored.network.driver;
  if (!known.has(first) || network.types.includes('flannel')) return [];
  const isOwn = (link: LinkFacts) => isOwnLink(link, network);
  const own = new Set(links.filter(isOwn).map(({ name }) => name));
  const takers = new Map<string, Sighting>();
  for (const prefix of network.prefixes) {
    for (const link of links) {
      const found = own.has(link.name) ? undefined : link.addresses.find((one) => overlaps(one.prefix, prefix));
      if (found !== undefined && !takers.has(link.name))
        takers.set(
          link.name,
          describe(network, prefix, `interface ${link.name} has ${formatCidr(found.prefix)}`, link.name),
        );
    }
    for (const { prefix: taken, link } of routes) {
      // A route to more than the subnet yields to the bridge's.
      if (taken.prefixBits <= defaultRouteBits || !covers(prefix, taken)) continue;
      const name = link ?? 'none';
      if (own.has(name) || takers.has(name)) continue;
      takers.set(
        name,
        describe(network, prefix, `a route to ${formatCidr(taken)} leads through ${link ?? 'no interface'}`, link),
      );
    }
  }
  return [...takers.values()];
}

/** The bridge, its links of VLANs, and the ends of a ptp network. */
function isOwnLink({ name, kind, master }: LinkFacts, { bridges, types }: NetworkFacts): boolean {
  const isOfBridge = bridges.some((bridge) => name === bridge || name.startsWith(`${bridge}.`) || master === bridge);
  return isOfBridge || (types.includes('ptp') && kind === 'veth');
}

function describe(network: NetworkFacts, prefix: Cidr, taker: string, link: string | undefined): Sighting {
  const show = link === undefined ? 'ip route show table all' : `ip route show table all dev ${link}`;
  return {
    seen: `network ${network.name} has ${formatCidr(prefix)}, and ${taker}`,
    remedy: `look at both with "${show}"; then move the interface, or make the network again on another subnet ("podnetd map" shows free ones)`,
    about: [key.network(network.name)],
  };
}
