import { isOnParentsWire } from '../../cni/conflist/podman-shape.js';
import { formatCidr } from '../../ip/cidr.js';
import { findNestings, type Prefixed } from '../../ip/nestings.js';
import { declareCheck, type Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { NetworkFacts } from '../facts/facts.js';

interface Use extends Prefixed {
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

/** Each network in the subnet of another, with one of the networks that it is in. */
function findPairs(networks: readonly NetworkFacts[]): readonly (readonly [Use, Use])[] {
  const uses = networks.flatMap((network) => network.prefixes.map((prefix) => ({ prefix, network })));
  const pairs = new Map<string, readonly [Use, Use]>();
  for (const { inner, outer } of findNestings<Use>(uses)) {
    const other = outer.find(
      ({ network }) => network !== inner.network && !(isOnWire(network) && isOnWire(inner.network)),
    );
    if (other === undefined) continue;
    const names = [other.network.name, inner.network.name].toSorted().join('/');
    if (!pairs.has(names)) pairs.set(names, [other, inner]);
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
    remedy: `remove one of the two and make it again on another subnet ("podnetd map" shows free ones): "podman network rm ${b.network.name} && podman network create ${b.network.name}"`,
    about: [key.network(a.network.name), key.network(b.network.name)],
  };
}
