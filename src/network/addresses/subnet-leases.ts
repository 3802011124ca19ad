import type { AddressSpan } from '../../ip/address-spans.js';
import { bitsOf, compareAddresses, firstAddress, formatCidr, makeCidr } from '../../ip/cidr.js';
import { leasableIn } from '../../ip/lease-pieces.js';
import type { Address, Cidr } from '../../model/address.js';
import type { ReservedAddresses, Subnet } from '../../model/network.js';

/** How many addresses of a subnet containers have, and can have. */
export interface SubnetLeases<L> {
  readonly cidr: Cidr;
  readonly gateway: Address | undefined;
  /** What host-local keeps from each range of the prefix: its gateway, or the first address where there is none. */
  readonly kept: readonly Address[];
  /** The addresses that host-local leases, but for the gateway; in ascending order. */
  readonly ranges: readonly AddressSpan[];
  readonly reserved: ReservedAddresses;
  /** In ascending order, also those outside the ranges, as of a file that was edited since. */
  readonly leases: readonly L[];
  /** How many addresses host-local can lease when no container has one. */
  readonly total: bigint;
  /** How many of these no container has. */
  readonly free: bigint;
}

export interface LeasesBySubnet<L> {
  /** Each prefix once, in the order of the network. */
  readonly subnets: readonly SubnetLeases<L>[];
  /** Leases in none of the subnets, in ascending order. */
  readonly others: readonly L[];
}

/** @param subnets of one network; several of one prefix are ranges of it */
export function sortLeases<L extends { readonly address: Address }>(
  subnets: readonly Subnet[],
  leases: readonly L[],
): LeasesBySubnet<L> {
  const groups = new Map<string, { readonly ranges: Subnet[]; readonly leases: L[] }>();
  for (const subnet of subnets) {
    const key = formatCidr(subnet.cidr);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ranges: [subnet], leases: [] });
    else group.ranges.push(subnet);
  }
  const lengths = [...new Set(subnets.map(({ cidr }) => cidr.prefixBits))].toSorted((a, b) => b - a);
  const groupOf = (address: Address) => {
    for (const length of lengths) {
      const group = length <= bitsOf(address.family) && groups.get(formatCidr(makeCidr(address, length)));
      if (group) return group;
    }
    return undefined;
  };
  const others: L[] = [];
  for (const lease of leases.toSorted((a, b) => compareAddresses(a.address, b.address))) {
    (groupOf(lease.address)?.leases ?? others).push(lease);
  }
  return { subnets: [...groups.values()].map((group) => count(group.ranges, group.leases)), others };
}

/** @param ranges one or more, of one prefix */
function count<L extends { readonly address: Address }>(
  ranges: readonly Subnet[],
  leases: readonly L[],
): SubnetLeases<L> {
  const [{ cidr, gateway }] = ranges as readonly [Subnet, ...Subnet[]];
  const spans = leasableIn(ranges);
  const distinct = (addresses: readonly Address[]) => new Set(addresses.map(({ value }) => value));
  const kept = ranges.map((range) => range.gateway ?? firstAddress(range.cidr));
  const unleasable = distinct(kept.filter((one) => spans.has(one)));
  const leased = distinct(
    leases.map(({ address }) => address).filter((one) => spans.has(one) && !unleasable.has(one.value)),
  );
  const total = spans.size - BigInt(unleasable.size);
  return {
    cidr,
    gateway,
    kept,
    ranges: spans.spans,
    reserved: new Map(ranges.flatMap(({ reserved }) => [...reserved])),
    leases,
    total,
    free: total - BigInt(leased.size),
  };
}
