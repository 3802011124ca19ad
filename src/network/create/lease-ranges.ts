import { formatAddress, formatCidr } from '../../ip/cidr.js';
import { countLeases, leaseBounds } from '../../ip/lease-pieces.js';
import type { PrefixSize } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Subnet } from '../../model/network.js';
import { isLeasable, longestLeasable } from '../../ip/leasable.js';

/** @throws NetworkError invalid for a prefix, or a size, that host-local leases nothing from */
export function checkLength(size: PrefixSize, subnet: string): void {
  if (!isLeasable(size)) throw new NetworkError('subnetTooSmall', { subnet, longest: longestLeasable(size) });
}

/**
 * Refuses a subnet without an address for a container. DIVERGES: Podman makes the network, and no container ever starts on it.
 *
 * @throws NetworkError invalid
 */
export function checkLeases(checked: Subnet): void {
  const { cidr, reserved } = checked;
  const subnet = formatCidr(cidr);
  checkLength(cidr, subnet);
  if (countLeases(checked) > 0n) return;
  if (reserved.size > 0) throw new NetworkError('reservedAll', { subnet });
  const { start, end } = leaseBounds(checked);
  throw new NetworkError('leaseRangeEmpty', { start: formatAddress(start), end: formatAddress(end), subnet });
}
