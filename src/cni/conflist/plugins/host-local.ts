import { formatAddress, formatCidr } from '../../../ip/cidr.js';
import { cutPieces } from '../../../ip/lease-pieces.js';
import type { GoValue } from '../../../model/go/json.js';
import type { IpamDriver, PlannedNetwork, Subnet } from '../../../model/network.js';

/** The `ipam` member of a first plugin. Keys in Podman's struct order: type, routes, ranges. */
export function buildIpam(network: PlannedNetwork): GoValue {
  const builders: Readonly<Record<IpamDriver, () => GoValue>> = {
    'host-local': () => ({
      type: 'host-local',
      routes: network.internal ? undefined : defaultRoutes(network.subnets),
      ranges: network.subnets.map(buildRangeSet),
    }),
    dhcp: () => ({ type: 'dhcp' }),
    none: () => ({ type: '' }),
  };
  return builders[network.ipamDriver]();
}

/** One default route a family, in the order in which the families appear. */
function defaultRoutes(subnets: readonly Subnet[]): GoValue {
  const families = new Set(subnets.map((subnet) => subnet.cidr.family));
  return [...families].map((family) => ({ dst: family === 4 ? '0.0.0.0/0' : '::/0' }));
}

/** One range, or several around the reserved addresses: the plugin leases from each range of a set. */
function buildRangeSet(subnet: Subnet): GoValue {
  const prefix = formatCidr(subnet.cidr);
  const gateway = subnet.gateway && formatAddress(subnet.gateway);
  return cutPieces(subnet).map(({ start, end }) => ({
    subnet: prefix,
    rangeStart: start && formatAddress(start),
    rangeEnd: end && formatAddress(end),
    gateway,
  }));
}

/** Lets a runtime ask for static addresses. */
export function ipsCapability(network: PlannedNetwork): GoValue | undefined {
  return network.form === 'podman4' && network.ipamDriver === 'host-local' ? { ips: true } : undefined;
}
