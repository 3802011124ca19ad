import { bitsOf, formatAddress, formatCidr } from '../../ip/cidr.js';
import { countLeases, leaseBounds } from '../../ip/lease-pieces.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Subnet } from '../../model/network.js';

/**
 * host-local refuses shorter subnets, also to somebody who asks for an address.
 *
 * source: containernetworking/plugins plugins/ipam/host-local/backend/allocator/range.go@v1.1.1 Canonicalize
 */
const minHostBits = 2;

/** Whether host-local leases from prefixes of this length. */
export function isLeasable({ family, prefixBits }: Pick<Cidr, 'family' | 'prefixBits'>): boolean {
  return bitsOf(family) - prefixBits >= minHostBits;
}

/**
 * Judges whether a subnet has an address for a container. DIVERGES: Podman makes the network, and no container ever starts on it.
 *
 * @throws NetworkError invalid
 */
export function checkLeases(checked: Subnet): void {
  const { cidr, reserved } = checked;
  const subnet = formatCidr(cidr);
  if (!isLeasable(cidr)) {
    throw new NetworkError('subnetTooSmall', { subnet, longest: bitsOf(cidr.family) - minHostBits });
  }
  if (countLeases(checked) > 0n) return;
  if (reserved.size > 0) throw new NetworkError('reservedAll', { subnet });
  const { start, end } = leaseBounds(checked);
  throw new NetworkError('leaseRangeEmpty', { start: formatAddress(start), end: formatAddress(end), subnet });
}
