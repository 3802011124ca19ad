import type { Address } from '../model/address.js';
import type { Subnet } from '../model/network.js';
import { AddressSpans } from './address-spans.js';
import { compareAddresses, firstAddress, lastAddress, unusableRole } from './cidr.js';

/** A part of a lease range, both ends inclusive; host-local puts an undefined end at the subnet's first or last usable address. */
export interface LeasePiece {
  readonly start: Address | undefined;
  readonly end: Address | undefined;
}

/** Cuts a subnet's lease range around its reserved addresses, in ascending order; one piece when no reserved address lies in the range. */
export function cutPieces(subnet: Omit<Subnet, 'gateway'>): readonly LeasePiece[] {
  const { start, end } = leaseBounds(subnet);
  const pieces: LeasePiece[] = [];
  let from: Address | undefined = subnet.leaseStart;
  let at = start;
  for (const taken of [...subnet.reserved.values()].toSorted(compareAddresses)) {
    if (compareAddresses(taken, at) < 0 || compareAddresses(taken, end) > 0) continue;
    if (compareAddresses(taken, at) > 0) pieces.push({ start: from, end: shift(taken, -1n) });
    at = shift(taken, 1n);
    from = at;
  }
  if (compareAddresses(at, end) <= 0) pieces.push({ start: from, end: subnet.leaseEnd });
  return pieces;
}

/** The addresses of lease ranges that are not reserved. */
export function leasableIn(ranges: readonly Subnet[]): AddressSpans {
  return new AddressSpans(
    ranges.flatMap((range) =>
      cutPieces(range)
        .map(({ start, end }) => leaseBounds({ ...range, leaseStart: start, leaseEnd: end }))
        // host-local refuses a range whose end lies before its start.
        .filter(({ start, end }) => compareAddresses(start, end) <= 0),
    ),
  );
}

/** How many addresses of a lease range containers can get; host-local keeps a subnet's first address if the subnet has no gateway. */
export function countLeases(subnet: Subnet): bigint {
  const { start, end } = leaseBounds(subnet);
  const taken = [...subnet.reserved.values(), subnet.gateway ?? firstAddress(subnet.cidr)]
    .map(({ value }) => value)
    .filter((value) => value >= start.value && value <= end.value);
  return end.value - start.value + 1n - BigInt(new Set(taken).size);
}

/** First and last address that host-local leases. source: containernetworking/plugins plugins/ipam/host-local/backend/allocator/range.go@v1.1.1 Canonicalize */
export function leaseBounds({ cidr, leaseStart, leaseEnd }: Omit<Subnet, 'gateway'>): { start: Address; end: Address } {
  const last = lastAddress(cidr);
  return {
    start: leaseStart ?? firstAddress(cidr),
    end: leaseEnd ?? (unusableRole(last, cidr) === undefined ? last : shift(last, -1n)),
  };
}

function shift({ family, value }: Address, by: bigint): Address {
  return { family, value: value + by };
}
