import { compareAddresses, contains, formatAddress } from '../../ip/cidr.js';
import { leasableIn, leaseBounds } from '../../ip/lease-pieces.js';
import { formatWanted, isPrefix } from '../../ip/prefix-size.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Network, ReservedAddresses, Subnet } from '../../model/network.js';
import type { SubnetRequest } from '../../model/request.js';

/** The reserved addresses of all subnets. */
export function reservedOf({ subnets }: Pick<Network, 'subnets'>): ReservedAddresses {
  return new Map(subnets.flatMap(({ reserved }) => [...reserved]));
}

/**
 * Gives each subnet those of the reserved addresses that lie in it.
 *
 * @returns the subnets in their order @throws NetworkError invalid, for an address that lies in none
 */
export function placeReserved(
  reserved: ReservedAddresses,
  subnets: readonly SubnetRequest[],
): readonly SubnetRequest[] {
  const left = new Map(reserved);
  const placed = subnets.map((subnet) => {
    const { prefix } = subnet;
    const inside = [...left].filter(([, address]) => isPrefix(prefix) && contains(prefix, address));
    for (const [host] of inside) left.delete(host);
    return { ...subnet, reserved: new Map(inside) };
  });
  for (const [host, address] of left) {
    const subnet = subnets.map(({ prefix }) => formatWanted(prefix)).join(' or ');
    throw new NetworkError('reservedOutside', { host, address: formatAddress(address), subnet });
  }
  return placed;
}

export function hasSameReserved(a: ReservedAddresses, b: ReservedAddresses): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([host, address]) => {
    const other = b.get(host);
    return other !== undefined && compareAddresses(address, other) === 0;
  });
}

/** Whether a container may have an address of the former subnet that host-local would give to none now. */
export function takesLeases(former: Subnet, subnet: Subnet): boolean {
  const [was, is] = [leaseBounds(former), leaseBounds(subnet)];
  if (compareAddresses(is.start, was.start) > 0 || compareAddresses(is.end, was.end) < 0) return true;
  const leased = leasableIn([former]);
  return [...subnet.reserved.values()].some((address) => leased.has(address));
}
