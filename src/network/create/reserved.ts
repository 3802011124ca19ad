import { compareAddresses, contains, formatAddress, formatCidr, unusableRole } from '../../ip/cidr.js';
import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Subnet } from '../../model/network.js';

/** Of all subnets together: each address cuts a lease range of the file in two. @throws NetworkError invalid */
export function checkReservedCount(subnets: readonly Pick<Subnet, 'reserved'>[]): void {
  const count = subnets.reduce((sum, { reserved }) => sum + reserved.size, 0);
  const limit = bounds.auxiliaryAddresses;
  if (count > limit) throw new NetworkError('tooMany', { place: 'AuxiliaryAddresses of all pools', count, limit });
}

/**
 * Judges the addresses of a subnet that are never to be given out.
 *
 * source: moby libnetwork/network.go@v28 ipamAllocateVersion, which asks for each of them after the gateway
 *
 * @throws NetworkError invalid
 */
export function checkReserved(checked: Subnet): void {
  const { cidr, gateway, reserved } = checked;
  const subnet = formatCidr(cidr);
  const hosts = new Map<string, string>();
  for (const [host, given] of reserved) {
    const address = formatAddress(given);
    if (!contains(cidr, given)) throw new NetworkError('reservedOutside', { host, address, subnet });
    const isGateway = gateway !== undefined && compareAddresses(gateway, given) === 0;
    const role = isGateway ? 'gateway' : unusableRole(given, cidr);
    if (role !== undefined) throw new NetworkError('reservedUnusable', { host, address, subnet, role });
    const other = hosts.get(address);
    if (other !== undefined) throw new NetworkError('reservedTwice', { host, address, other });
    hosts.set(address, host);
  }
}
