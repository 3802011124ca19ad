import { firstAddress, formatAddress, formatCidr, parseAddress, parseCidr } from '../../ip/cidr.js';
import { cutPieces } from '../../ip/lease-pieces.js';
import { formatSize, isSubnet } from '../../ip/prefix-size.js';
import type { Address, PrefixSize } from '../../model/address.js';
import type { GoValue } from '../../model/go/json.js';
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { Subnet } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import { differ } from './differences.js';
import type { ConflistParts, Field } from './field.js';
import { DecodeError } from './file-fault.js';
import { buildReservedArgs, mergePieces } from './reserved-args.js';

/** Subnets are range sets of host-local; `args` keep their reserved addresses. */
export const subnets: Field<readonly Subnet[]> = {
  read(parts) {
    const ranges = rangesOf(parts).map((range) => readRange(range, isInternal(parts)));
    return mergePieces(ranges, parts.args);
  },
  write: ({ ipamDriver, subnets: all }) => ({
    ipam: { ranges: ipamDriver === 'host-local' ? all.map(buildRangeSet) : undefined },
    args: buildReservedArgs(all),
  }),
  compare: compareSubnets,
};

/** Whether the file has an IPv6 subnet; only their prefixes have a colon. */
export function hasIpv6(parts: ConflistParts): boolean {
  return rangesOf(parts).some(({ subnet }) => textOf(subnet).includes(':'));
}

/** Whether the host has no address on the bridge of the network. */
export function isInternal({ driver, first }: ConflistParts): boolean {
  return driver === 'bridge' && first['isGateway'] !== true;
}

function rangesOf({ ipam }: ConflistParts): readonly JsonObject[] {
  return ipam['type'] === 'host-local' ? asArray(ipam['ranges']).flat(1).filter(isObject) : [];
}

function readRange(range: JsonObject, internal: boolean): Subnet {
  const cidr = parseCidr(textOf(range['subnet']))?.cidr;
  if (cidr === undefined) throw new DecodeError(`invalid CIDR address: ${textOf(range['subnet'])}`);
  const read = (key: string, label: string) => {
    const text = textOf(range[key]);
    if (text === '') return undefined;
    const address = parseAddress(text);
    if (address === undefined) throw new DecodeError(`failed to parse ${label} ip ${text}`);
    return address;
  };
  return {
    cidr,
    gateway: read('gateway', 'gateway') ?? (internal ? undefined : firstAddress(cidr)),
    leaseStart: read('rangeStart', 'range start'),
    leaseEnd: read('rangeEnd', 'range end'),
    reserved: new Map(),
  };
}

/** One range, or several around the reserved addresses, because host-local leases from each range of a set. */
function buildRangeSet(subnet: Subnet): GoValue {
  const prefix = formatCidr(subnet.cidr);
  const gateway = subnet.gateway && formatAddress(subnet.gateway);
  return cutPieces(subnet).map(({ start, end }) => ({
    subnet: prefix,
    rangeStart: start && formatAddress(start),
    rangeEnd: end && formatAddress(end),
    gateway,
  }));
}

function compareSubnets(has: readonly Subnet[], { subnets: wanted, ipv6Enabled }: CheckedRequest): readonly string[] {
  if (wanted.length === 0) return [];
  const found = new Map(has.map((subnet) => [formatCidr(subnet.cidr), subnet]));
  const asked = new Map(wanted.filter(isSubnet).map((subnet) => [formatCidr(subnet.cidr), subnet]));
  const rest = new Map([...found].filter(([name]) => !asked.has(name)));
  const missing = [
    ...[...asked.keys()].filter((name) => !found.has(name)),
    ...takeSizes(
      wanted.flatMap((one) => (isSubnet(one) ? [] : [one])),
      rest,
    ),
  ];
  const all = [...found.keys()].join(', ') || 'none';
  // A request for dual stack gets a subnet of the family that it names none of.
  const extra = ipv6Enabled ? [] : [...rest.keys()];
  return [
    ...(missing.length === 0 ? [] : [`subnets are ${all}, without ${missing.join(', ')}`]),
    ...[...asked].flatMap(([name, subnet]) => compareSubnet(name, found.get(name), subnet)),
    ...extra.map((name) => `it has subnet ${name} too`),
  ];
}

/** Takes a subnet of each size out of `rest`. @returns the sizes that have none */
function takeSizes(sizes: readonly PrefixSize[], rest: Map<string, Subnet>): readonly string[] {
  return sizes.flatMap((size) => {
    for (const [name, { cidr }] of rest) {
      if (cidr.family !== size.family || cidr.prefixBits !== size.prefixBits) continue;
      rest.delete(name);
      return [];
    }
    return [formatSize(size)];
  });
}

function compareSubnet(name: string, has: Subnet | undefined, wanted: Subnet): readonly string[] {
  if (has === undefined) return [];
  const compare = (what: string, a: Address | undefined, b: Address | undefined) =>
    differ(`${what} of ${name}`, a && formatAddress(a), b && formatAddress(b), (text) => String(text ?? 'none'));
  return [
    ...compare('gateway', has.gateway, wanted.gateway),
    ...compare('lease range start', has.leaseStart, wanted.leaseStart),
    ...compare('lease range end', has.leaseEnd, wanted.leaseEnd),
  ];
}
