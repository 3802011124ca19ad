import { bitsOf } from './cidr.js';
import type { PrefixSize } from '../model/address.js';

/**
 * host-local refuses subnets with fewer host bits, also to a client that asks for an address.
 *
 * source: containernetworking/plugins plugins/ipam/host-local/backend/allocator/range.go@v1.1.1 Canonicalize
 */
const minHostBits = 2;

/** Whether host-local leases from prefixes of this length. */
export function isLeasable(size: PrefixSize): boolean {
  return size.prefixBits <= longestLeasable(size);
}

/** Length of the smallest prefixes that host-local leases from. */
export function longestLeasable({ family }: Pick<PrefixSize, 'family'>): number {
  return bitsOf(family) - minHostBits;
}
