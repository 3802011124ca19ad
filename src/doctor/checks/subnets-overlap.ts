import { isOnParentsWire } from '../../cni/conflist/podman-shape.js';
import { covers, formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { declareCheck, type Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { NetworkFacts } from '../facts/facts.js';

interface Use {
  readonly prefix: Cidr;
  readonly network: NetworkFacts;
}

export const subnetsOverlap = declareCheck({
  code: 'subnets-overlap',
  severity: 'error',
  title: 'The subnets of two networks overlap',
  why: 'The kernel sends packets for the addresses that both have to one of the two bridges, so containers of the other are cut off.',
  fix: undefined,
  follows: [],
  look: ({ folder }) => findPairs(folder.networks).map(([a, b]) => describe(a, b)),
});

/** Each pair of networks once. */
function findPairs(networks: readonly NetworkFacts[]): readonly (readonly [Use, Use])[] {
  const uses = networks.flatMap((network) => network.prefixes.map((prefix) => ({ prefix, network }))).toSorted(compare);
  const pairs = new Map<string, readonly [Use, Use]>();
  // In this order, the prefixes that cover one are among those that began before it and have not ended.
  let open: Use[] = [];
  for (const use of uses) {
    open = open.filter(({ prefix }) => covers(prefix, use.prefix));
    for (const outer of open) {
      if (outer.network === use.network || (isOnWire(outer.network) && isOnWire(use.network))) continue;
      const names = [outer.network.name, use.network.name].toSorted().join('/');
      if (!pairs.has(names)) pairs.set(names, [outer, use]);
    }
    open.push(use);
  }
  return [...pairs.values()];
}

/** Two networks on the wire of a parent may share the subnet of that wire. */
function isOnWire({ stored }: NetworkFacts): boolean {
  return isOnParentsWire(stored.network.driver);
}

function describe(a: Use, b: Use): Sighting {
  return {
    seen: `network ${a.network.name} has ${formatCidr(a.prefix)}, and network ${b.network.name} has ${formatCidr(b.prefix)}`,
    remedy: `make one of the two again elsewhere: "podman network rm ${b.network.name}" and "podman network create ${b.network.name}", with podnetd's socket or without`,
    about: [key.network(a.network.name), key.network(b.network.name)],
  };
}

function compare({ prefix: a }: Use, { prefix: b }: Use): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.base !== b.base) return a.base < b.base ? -1 : 1;
  return a.prefixBits - b.prefixBits;
}
