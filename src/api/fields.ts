import { rangeOf } from '../ip/lease-range.js';
import { formatAddress, parseAddress, parseCidr } from '../ip/cidr.js';
import { prefixOrSize } from '../ip/prefix-size.js';
import type { Address, Cidr, PrefixSize } from '../model/address.js';
import type { AttachedAddress } from '../model/attachment.js';
import { NetworkError } from '../model/errors/errors.js';
import type { ReservedAddresses, StringMap } from '../model/network.js';

/** Reads members that more than one dialect writes as text. Empty and absent are the same, as for Go's zero values. */

/** @param field what the text is, in a dialect's own words @throws NetworkError invalid */
export function readCidr(field: string, text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new NetworkError('cidrInvalid', { field, text });
  return parsed.cidr;
}

/** The prefix of a subnet, or the size that it asks for. @param field as for {@link readCidr} @throws NetworkError invalid */
export function readPrefix(field: string, text: string): Cidr | PrefixSize {
  return prefixOrSize(readCidr(field, text));
}

/** @throws NetworkError invalid */
export function readAddress(field: string, text: string | undefined): Address | undefined {
  if (text === undefined || text === '') return undefined;
  const address = parseAddress(text);
  if (address === undefined) throw new NetworkError('addressInvalid', { field, text });
  return address;
}

export function leasesOf(range: Cidr | undefined): { leaseStart: Address | undefined; leaseEnd: Address | undefined } {
  if (range === undefined) return { leaseStart: undefined, leaseEnd: undefined };
  const { start, end } = rangeOf(range);
  return { leaseStart: start, leaseEnd: end };
}

export function readStrings(record: Readonly<Record<string, string>> | undefined): StringMap {
  return new Map(Object.entries(record ?? {}));
}

/** The inverse of {@link readStrings}; without a prototype, so that any key will do. */
export function writeStrings(map: StringMap): Record<string, string> {
  const record = Object.create(null) as Record<string, string>;
  for (const [key, value] of map) record[key] = value;
  return record;
}

/** As libpod has it; source: podman pkg/domain/entities/network.go@v5.4.2 */
export function writeAttachedAddress({ address, prefixBits, gateway }: AttachedAddress): {
  ipnet: string;
  gateway?: string;
} {
  return {
    ipnet: `${formatAddress(address)}/${prefixBits}`,
    ...(gateway && { gateway: formatAddress(gateway) }),
  };
}

/** Addresses that no container gets, by the name of the host that has each. @throws NetworkError invalid */
export function readReserved(addresses: Readonly<Record<string, string>>): ReservedAddresses {
  const reserved = new Map<string, Address>();
  for (const [host, text] of Object.entries(addresses)) {
    const address = readAddress(`auxiliary address of ${host}`, text);
    // An empty one reserves nothing, as for Docker.
    if (address !== undefined) reserved.set(host, address);
  }
  return reserved;
}
