import type { Cidr, PrefixSize } from '../model/address.js';
import type { Subnet } from '../model/network.js';
import { formatCidr } from './cidr.js';

/**
 * The prefix, or the size that it asks for: 0.0.0.0 and :: are no networks of their own (RFC 1122, 3.2.1.3; RFC 4291, 2.5.2), so with a length
 * they name only that.
 *
 * source: moby libnetwork/ipams/defaultipam/allocator.go@v29 RequestPool (`prefix.Addr().IsUnspecified()`)
 */
export function prefixOrSize(cidr: Cidr): Cidr | PrefixSize {
  const { family, base, prefixBits } = cidr;
  return base === 0n ? { family, prefixBits } : cidr;
}

/** Whether a prefix is named, and not yet to be chosen. */
export function isPrefix(wanted: Cidr | object): wanted is Cidr {
  return 'base' in wanted;
}

/** Whether a subnet has its prefix, and is not yet to be chosen. */
export function isSubnet(wanted: Subnet | object): wanted is Subnet {
  return 'cidr' in wanted;
}

/** As a client writes it, such as `0.0.0.0/26` or `::/64`. */
export function formatSize({ family, prefixBits }: PrefixSize): string {
  return `${family === 4 ? '0.0.0.0' : '::'}/${prefixBits}`;
}

export function formatWanted(wanted: Cidr | PrefixSize): string {
  return isPrefix(wanted) ? formatCidr(wanted) : formatSize(wanted);
}
