import { formatCidr, overlaps } from '../../ip/cidr.js';
import { findNestings, type Prefixed } from '../../ip/nestings.js';
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
  look: ({ folder, kernel }) => (kernel === undefined ? [] : findTaken(folder.networks, kernel)),
});

/** A network, or what may have taken its subnet. */
interface Claim extends Prefixed {
  readonly network: NetworkFacts | undefined;
  /** Name of the taker's link; undefined for a network, and for a route that leads through none. */
  readonly link: string | undefined;
  readonly isRoute: boolean;
}

function findTaken(networks: readonly NetworkFacts[], { links, routes }: KernelFacts): readonly Sighting[] {
  const judged = networks.filter(isJudged);
  const claims: readonly Claim[] = [
    ...judged.flatMap((network) =>
      network.prefixes.map((prefix) => ({ prefix, network, link: undefined, isRoute: false })),
    ),
    ...links.flatMap(({ name, addresses }) =>
      addresses.map(({ prefix }) => ({ prefix, network: undefined, link: name, isRoute: false })),
    ),
    ...routes
      .filter(({ prefix }) => prefix.prefixBits > defaultRouteBits)
      .map(({ prefix, link }) => ({ prefix, network: undefined, link, isRoute: true })),
  ];
  const byName = new Map(links.map((link) => [link.name, link]));
  // By network, then by link, or undefined for routes that lead through none.
  const taken = new Map<NetworkFacts, Map<string | undefined, Claim>>();
  for (const [network, taker] of findPairs(claims)) {
    const link = taker.link === undefined ? undefined : byName.get(taker.link);
    if (link !== undefined && isOwnLink(link, network)) continue;
    const takers = taken.get(network) ?? new Map<string | undefined, Claim>();
    taken.set(network, takers);
    // An address says more than the routes that it brings.
    if (takers.get(taker.link)?.isRoute ?? true) takers.set(taker.link, taker);
  }
  return judged.flatMap((network) =>
    [...(taken.get(network)?.values() ?? [])].map((taker) => describe(network, taker)),
  );
}

/** Plugins of other types make links of any name. */
function isJudged({ stored, types }: NetworkFacts): boolean {
  return known.has(stored.network.driver) && !types.includes('flannel');
}

/** Each network with each taker whose prefix overlaps its own. @param claims networks first, so that a taker of an equal prefix is the inner one */
function* findPairs(claims: readonly Claim[]): Generator<readonly [network: NetworkFacts, taker: Claim], undefined> {
  for (const { inner, outer } of findNestings(claims)) {
    for (const other of outer) {
      if (inner.network === undefined && other.network !== undefined) yield [other.network, inner];
      // A route to more than the subnet yields to the bridge's.
      if (inner.network !== undefined && other.network === undefined && !other.isRoute) yield [inner.network, other];
    }
  }
}

/** The bridge, its links of VLANs, and the ends of a ptp network. */
function isOwnLink({ name, kind, master }: LinkFacts, { bridges, types }: NetworkFacts): boolean {
  const isOfBridge = bridges.some((bridge) => name === bridge || name.startsWith(`${bridge}.`) || master === bridge);
  return isOfBridge || (types.includes('ptp') && kind === 'veth');
}

function describe({ name, prefixes }: NetworkFacts, { prefix, link, isRoute }: Claim): Sighting {
  const subnet = prefixes.find((own) => overlaps(own, prefix)) ?? prefix;
  const taker = isRoute
    ? `a route to ${formatCidr(prefix)} leads through ${link ?? 'no interface'}`
    : `interface ${link} has ${formatCidr(prefix)}`;
  const show = link === undefined ? 'ip route show table all' : `ip route show table all dev ${link}`;
  return {
    seen: `network ${name} has ${formatCidr(subnet)}, and ${taker}`,
    remedy: `look at both with "${show}"; then move the interface, or make the network again on another subnet ("podnetd map" shows free ones)`,
    about: [key.network(name)],
  };
}
