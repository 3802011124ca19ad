import { compareAddresses, contains, formatAddress, formatCidr, unusableRole } from '../../ip/cidr.js';
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
  for (const { destination: prefix, gateway: address } of routes) {
    const [destination, gateway] = [formatCidr(prefix), formatAddress(address)];
    const found = subnets.find(({ cidr }) => contains(cidr, address));
    if (found === undefined) {
      const all = subnets.map(({ cidr }) => formatCidr(cidr));
      throw new NetworkError('routeGatewayOutside', { destination, gateway, subnets: all });
    }
    // The gateway of the network is an address that a host has, whatever its bits.
    const isGateway = found.gateway !== undefined && compareAddresses(found.gateway, address) === 0;
    const role = isGateway ? undefined : unusableRole(address, found.cidr);
    const subnet = formatCidr(found.cidr);
    if (role !== undefined) throw new NetworkError('routeGatewayUnusable', { destination, gateway, subnet, role });
    // The kernel makes this route with the address of the container.
    if (subnets.some(({ cidr }) => formatCidr(cidr) === destination)) {
      throw new NetworkError('routeToSubnet', { destination });
    }
  }
}
