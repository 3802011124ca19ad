import { formatAddress, formatCidr, parseAddress } from '../../ip/cidr.js';
import { AddressSpans } from '../../ip/address-spans.js';
import { leaseBounds } from '../../ip/lease-pieces.js';
import type { Address } from '../../model/address.js';
import { asObject, type JsonObject } from '../../model/json-object.js';
import type { ReservedAddresses, StringMap, Subnet } from '../../model/network.js';
import { argKeys } from './arg-keys.js';
import { readStrings, unlessEmpty } from './arg-maps.js';
import type { Written } from './field.js';

/** A map of strings for each subnet, by its prefix. */
type MapsBySubnet = ReadonlyMap<string, StringMap>;

/** Members of `args` from which `mergePieces` restores the subnets: their reserved addresses, and the ends of their lease ranges. */
export function buildReservedArgs(subnets: readonly Subnet[]): NonNullable<Written['args']> {
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
  return { [argKeys.reserved]: unlessEmpty(reserved), [argKeys.leaseRanges]: unlessEmpty(leaseRanges) };
}

/**
 * Restores the lease ranges that `cutPieces` cut around reserved addresses.
 *
 * @param ranges a subnet for each range of the file
 * @returns each subnet once, with its reserved addresses
 */
export function mergePieces(ranges: readonly Subnet[], args: JsonObject): readonly Subnet[] {
  const reservedBySubnet = readMaps(args[argKeys.reserved]);
  if (reservedBySubnet.size === 0) return ranges;
  const leaseRanges = readMaps(args[argKeys.leaseRanges]);
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

/** `args` lose against the ranges: host-local leases an address of a piece, even if an edited file also calls it reserved. */
function readReserved(given: StringMap, pieces: readonly Subnet[]): ReservedAddresses {
  const reserved = new Map<string, Address>();
  const leased = new AddressSpans(given.size === 0 ? [] : pieces.map(leaseBounds));
  for (const [host, text] of given) {
    const address = parseAddress(text);
    if (address !== undefined && !leased.has(address)) reserved.set(host, address);
  }
  return reserved;
}

function readMaps(value: unknown): MapsBySubnet {
  return new Map(Object.entries(asObject(value)).map(([key, member]) => [key, readStrings(member)]));
}

function formatAll(addresses: Iterable<readonly [string, Address | undefined]>): StringMap {
  const texts = new Map<string, string>();
  for (const [name, address] of addresses) if (address !== undefined) texts.set(name, formatAddress(address));
  return texts;
}
