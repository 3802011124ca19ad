import { bitsOf, contains, lastAddress, networkAddress } from '../../ip/cidr.js';
import type { Address, Cidr } from '../../model/address.js';
import type { Subnet } from '../../model/network.js';
import { sortLeases } from './subnet-leases.js';

/** How full a subnet is, in numbers of addresses. */
export interface SubnetUsage {
  readonly cidr: Cidr;
  /** Those that no container can get any more: leased, reserved, the gateway, the network and broadcast addresses. */
  readonly inUse: bigint;
  /** Those that host-local can still lease; others of the subnet are in neither number. */
  readonly available: bigint;
}

/**
 * Counts as Docker does: an address of the subnet outside its lease range counts once it is in use.
 *
 * source: moby daemon/libnetwork/ipams/defaultipam/address_space.go (allocationStatus), allocator.go (newPoolData)@docker-v29.7.2
 *
 * @param subnets of one network; several of one prefix are ranges of it
 * @returns each prefix once, in the order of the network
 */
export function measureUsage(
  subnets: readonly Subnet[],
  leases: readonly { readonly address: Address }[],
): readonly SubnetUsage[] {
  return sortLeases(subnets, leases).subnets.map(({ cidr, kept, leases: leased, reserved, free }) => {
    const taken = [...unusable(cidr), ...kept, ...reserved.values(), ...leased.map(({ address }) => address)];
    const inside = taken.filter((address) => contains(cidr, address));
    return { cidr, inUse: BigInt(new Set(inside.map(({ value }) => value)).size), available: free };
  });
}

/** The network address, which is the anycast address of routers to IPv6, and the broadcast address; RFC 3021 has none of them in a /31. */
function unusable(cidr: Cidr): readonly Address[] {
  if (cidr.family === 6) return [networkAddress(cidr)];
  return bitsOf(4) - cidr.prefixBits > 1 ? [networkAddress(cidr), lastAddress(cidr)] : [];
}
