import ipaddr from 'ipaddr.js';
import type { Address, Cidr, Family } from '../model/address.js';

const multicast4: Cidr = { family: 4, base: 0xe0n << 24n, prefixBits: 4 };
const multicast6: Cidr = { family: 6, base: 0xffn << 120n, prefixBits: 8 };

export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** The 32 bits of a dotted quad. Files and bodies have thousands of them, and the library makes several objects for each. */
function parseFourParts(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let bits = 0;
  for (const part of match.slice(1)) {
    const octet = Number(part);
    if (octet > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    bits = bits * 256 + octet;
  }
  return bits;
}

/** In characters: six groups and a dotted quad. */
const longestAddress = 45;

/** As Go's net.ParseIP: four decimal parts without leading zeros, or IPv6 groups of at most four digits; no zone. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > longestAddress || text.includes('%')) return undefined;
  const bits = parseFourParts(text);
  if (bits !== undefined) return { family: 4, value: BigInt(bits) };
  const groups = rewriteDottedTail(text);
  if (groups === undefined || !ipaddr.IPv6.isValid(groups)) return undefined;
  const value = joinParts(ipaddr.IPv6.parse(groups).parts, 16);
  return isMapped(value) ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value };
}

/**
 * As Go's net.ParseCIDR: host bits are allowed and stay in `address`; the length is decimal digits, zeros in front included.
 * DIVERGES: an IPv4-mapped prefix ("::ffff:10.0.0.0/104") is refused; Go returns one that some of its methods take for IPv4, others for IPv6.
 */
export function parseCidr(text: string): { address: Address; cidr: Cidr } | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const addressText = text.slice(0, slash);
  const digits = text.slice(slash + 1);
  const address = parseAddress(addressText);
  if (address === undefined || !/^\d+$/.test(digits)) return undefined;
  if (address.family === 4 && addressText.includes(':')) return undefined;
  const prefixBits = Number(digits);
  return prefixBits > bitsOf(address.family) ? undefined : { address, cidr: makeCidr(address, prefixBits) };
}

/** The prefix of an address, its host bits cleared. @throws RangeError for a length that the family does not have */
export function makeCidr(address: Address, prefixBits: number): Cidr {
  const { family, value } = address;
  if (!Number.isInteger(prefixBits) || prefixBits < 0 || prefixBits > bitsOf(family)) {
    throw new RangeError(`an IPv${family} prefix has no length of ${prefixBits} bits`);
  }
  const hostBits = hostBitsOf({ family, prefixBits });
  return { family, base: (value >> hostBits) << hostBits, prefixBits };
}

/** As Go's net.IP.String (RFC 5952). */
export function formatAddress({ family, value }: Address): string {
  return family === 6 && isMapped(value) ? formatValue(4, value & 0xffff_ffffn) : formatValue(family, value);
}

export function formatCidr({ family, base, prefixBits }: Cidr): string {
  return `${formatValue(family, base)}/${prefixBits}`;
}

export function contains(c: Cidr, a: Address): boolean {
  return c.family === a.family && (c.base ^ a.value) >> hostBitsOf(c) === 0n;
}

export function isSameCidr(a: Cidr, b: Cidr): boolean {
  return a.base === b.base && a.prefixBits === b.prefixBits && a.family === b.family;
}

/** Whether every address of `inner` is in `outer`. */
export function covers(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixBits <= inner.prefixBits && contains(outer, networkAddress(inner));
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.prefixBits <= b.prefixBits ? covers(a, b) : covers(b, a);
}

/** The longest prefix that covers two prefixes of one family. */
export function smallestCover(a: Cidr, b: Cidr): Cidr {
  const equalBits = bitsOf(a.family) - bitLength(a.base ^ b.base);
  return makeCidr(networkAddress(a), Math.min(equalBits, a.prefixBits, b.prefixBits));
}

export function networkAddress(c: Cidr): Address {
  return { family: c.family, value: c.base };
}

/**
 * Network address + 1; the address itself at full length.
 * source: containers/common libnetwork/util/ip.go@v0.50.1 (FirstIPInSubnet)
 */
export function firstAddress(c: Cidr): Address {
  return { family: c.family, value: c.prefixBits === bitsOf(c.family) ? c.base : c.base + 1n };
}

/** All host bits set. */
export function lastAddress(c: Cidr): Address {
  return { family: c.family, value: c.base + (1n << hostBitsOf(c)) - 1n };
}

/**
 * Whether an address is the network or broadcast address of a prefix; undefined when it is neither. Point-to-point prefixes (RFC 3021,
 * RFC 6164) and single addresses have no such addresses.
 */
export function unusableRole(address: Address, c: Cidr): 'network' | 'broadcast' | undefined {
  if (c.prefixBits >= bitsOf(c.family) - 1) return undefined;
  if (compareAddresses(address, networkAddress(c)) === 0) return 'network';
  if (c.family === 4 && compareAddresses(address, lastAddress(c)) === 0) return 'broadcast';
  return undefined;
}

/** Orders IPv4 before IPv6, then by value. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}

/** Whether the prefix lies in 224.0.0.0/4 or ff00::/8. */
/** Orders by family, then base, then prefix length, shortest first. */
export function comparePrefixes(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.base !== b.base) return a.base < b.base ? -1 : 1;
  return a.prefixBits - b.prefixBits;
}

export function isMulticast(c: Cidr): boolean {
  return covers(c.family === 4 ? multicast4 : multicast6, c);
}

/** Number of leading ones in a mask of 4 or 16 bytes; undefined for another size or a mask with holes. */
export function prefixBitsOfMask(mask: Uint8Array): number | undefined {
  if (mask.length !== 4 && mask.length !== 16) return undefined;
  const width = mask.length * 8;
  const hostMask = joinParts(mask, 8) ^ ((1n << BigInt(width)) - 1n);
  return (hostMask & (hostMask + 1n)) === 0n ? width - bitLength(hostMask) : undefined;
}

function hostBitsOf({ family, prefixBits }: Pick<Cidr, 'family' | 'prefixBits'>): bigint {
  return BigInt(bitsOf(family) - prefixBits);
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** Whether an IPv6 value lies in ::ffff:0:0/96. */
function isMapped(value: bigint): boolean {
  return value >> 32n === 0xffffn;
}

/**
 * The text with a dotted quad at its end turned into two groups; undefined if that quad is not strictly decimal.
 * The quad must not reach ipaddr.js, which accepts octal and hex parts in one and reads "::1.2.3.4" as IPv4-mapped.
 */
function rewriteDottedTail(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const tailStart = text.lastIndexOf(':') + 1;
  const tail = text.slice(tailStart);
  const value = parseFourParts(tail);
  if (value === undefined) return undefined;
  return `${text.slice(0, tailStart)}${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
}

function formatValue(family: Family, value: bigint): string {
  if (family === 6) return new ipaddr.IPv6(splitParts(value, 8, 16)).toRFC5952String();
  const bits = Number(value);
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

/** The number of parts in network order, `partBits` bits each. */
function joinParts(parts: Iterable<number>, partBits: 8 | 16): bigint {
  let value = 0n;
  for (const part of parts) value = (value << BigInt(partBits)) | BigInt(part);
  return value;
}

function splitParts(value: bigint, count: number, partBits: 8 | 16): number[] {
  return Array.from({ length: count }, (_, index) =>
    Number(BigInt.asUintN(partBits, value >> BigInt((count - 1 - index) * partBits))),
  );
}
