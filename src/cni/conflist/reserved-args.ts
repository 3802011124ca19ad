import { formatAddress, formatCidr, parseAddress } from '../../ip/cidr.js';
import { AddressSpans } from '../../ip/address-spans.js';
import { leaseBounds } from '../../ip/lease-pieces.js';
import type { Address } from '../../model/address.js';
import type { ReservedAddresses, StringMap, Subnet } from '../../model/network.js';
import { argKeys } from './arg-keys.js';

/** A map of strings for each subnet, by its prefix. */
export type MapsBySubnet = ReadonlyMap<string, StringMap>;

/** Members of `args` that tell what the pieces of range sets were cut from. */
export function buildReservedArgs(subnets: readonly Subnet[]): readonly (readonly [key: string, MapsBySubnet])[] {
  const reserved = new Map<string, StringMap>();
  const leaseRanges = new Map<string, StringMap>();
  for (const subnet of subnets) {
    if (subnet.reserved.size === 0) continue;
    const key = formatCidr(subnet.cidr);
    reserved.set(key, formatAll(subnet.reserved));
    const bounds = formatAll([
      ['start_ip', subnet.leaseStart],
      ['end_ip', subnet.leaseEnd],
    ]);
    if (bounds.size > 0) leaseRanges.set(key, bounds);
  }
  return [
    [argKeys.reserved, reserved],
    [argKeys.leaseRanges, leaseRanges],
  ];
}

/**
 * Puts the pieces of a lease range together again.
 *
 * @param ranges a subnet for each range of the file
 */
export function mergePieces(
  ranges: readonly Subnet[],
  reservedBySubnet: MapsBySubnet,
  leaseRanges: MapsBySubnet,
): readonly Subnet[] {
  if (reservedBySubnet.size === 0) return ranges;
  const merged = new Map<string, Subnet[]>();
  for (const range of ranges) {
    const key = formatCidr(range.cidr);
    const pieces = merged.get(key);
    if (pieces === undefined) merged.set(key, [range]);
    else pieces.push(range);
  }
  return [...merged].flatMap(([key, pieces]) => {
    const [first] = pieces;
    const reserved = readReserved(reservedBySubnet.get(key) ?? new Map(), pieces);
    if (first === undefined || reserved.size === 0) return pieces;
    const bound = (name: string) => parseAddress(leaseRanges.get(key)?.get(name) ?? '');
    return [{ ...first, leaseStart: bound('start_ip'), leaseEnd: bound('end_ip'), reserved }];
  });
}

/** An address that a piece gives out is not reserved, whatever `args` say: somebody edited the file. */
function readReserved(given: StringMap, pieces: readonly Subnet[]): ReservedAddresses {
  const reserved = new Map<string, Address>();
  const leased = new AddressSpans(given.size === 0 ? [] : pieces.map(leaseBounds));
  for (const [host, text] of given) {
    const address = parseAddress(text);
    if (address !== undefined && !leased.has(address)) reserved.set(host, address);
  }
  return reserved;
}

function formatAll(addresses: Iterable<readonly [string, Address | undefined]>): StringMap {
  const texts = new Map<string, string>();
  for (const [name, address] of addresses) if (address !== undefined) texts.set(name, formatAddress(address));
  return texts;
}
