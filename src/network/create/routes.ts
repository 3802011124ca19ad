import { bitsOf, compareAddresses, formatAddress, formatCidr, makeCidr, unusableRole } from '../../ip/cidr.js';
import { PrefixSet } from '../../ip/prefix-set.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { LinkOptions, Subnet } from '../../model/network.js';
import type { StaticRoute } from '../../model/request.js';

/**
 * Checks the routes of a request by themselves. DIVERGES: Podman takes any gateway, and each container of such a network fails to start.
 *
 * @throws NetworkError invalid
 */
export function checkRoutes(routes: readonly StaticRoute[], { defaultRoute }: Pick<LinkOptions, 'defaultRoute'>): void {
  const known = new Set<string>();
  for (const { destination, gateway: address, metric } of routes) {
    const details = { destination: formatCidr(destination), gateway: formatAddress(address) };
    if (destination.family !== address.family) throw new NetworkError('routeFamilies', details);
    if (destination.prefixBits === 0 && defaultRoute) throw new NetworkError('routeIsDefault', details);
    const key = `${details.destination} ${metric}`;
    if (known.has(key)) throw new NetworkError('routeTwice', { ...details, metric });
    known.add(key);
  }
}

/** Checks routes against the subnets that the network gets. @throws NetworkError invalid */
export function checkGateways(routes: readonly StaticRoute[], subnets: readonly Subnet[]): void {
  if (routes.length === 0) return;
  const byPrefix = new Map(subnets.map((subnet) => [formatCidr(subnet.cidr), subnet]));
  // A search of all subnets for each route would take long at the bounds of both.
  const prefixes = subnets.reduce((set, { cidr }) => set.add(cidr), PrefixSet.empty);
  for (const { destination: prefix, gateway: address } of routes) {
    const [destination, gateway] = [formatCidr(prefix), formatAddress(address)];
    const around = prefixes.overlapping(makeCidr(address, bitsOf(address.family)));
    const subnet = around === undefined ? '' : formatCidr(around);
    const found = byPrefix.get(subnet);
    if (found === undefined) {
      throw new NetworkError('routeGatewayOutside', { destination, gateway, subnets: [...byPrefix.keys()] });
    }
    // The gateway of the network is an address that a host has, whatever its bits.
    const isGateway = found.gateway !== undefined && compareAddresses(found.gateway, address) === 0;
    const role = isGateway ? undefined : unusableRole(address, found.cidr);
    if (role !== undefined) throw new NetworkError('routeGatewayUnusable', { destination, gateway, subnet, role });
    // The kernel makes this route with the address of the container.
    if (byPrefix.has(destination)) throw new NetworkError('routeToSubnet', { destination });
  }
}
