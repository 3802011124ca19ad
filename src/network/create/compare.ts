import { compareAddresses, formatAddress, formatCidr } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { parseGoBoolean } from '../../model/go/boolean.js';
import type { Network, StringMap, Subnet } from '../../model/network.js';
import type { CheckedRequest } from './check.js';

/**
 * Compares a network with the members that a request sets.
 *
 * @returns one sentence a difference, with both values
 */
export function findDifferences(network: Omit<Network, 'createdNs'>, request: CheckedRequest): readonly string[] {
  const differences: string[] = [];
  const compare = (what: string, has: string | boolean, wanted: string | boolean) => {
    if (has !== wanted) differences.push(`${what} is ${show(has)}, not ${show(wanted)}`);
  };
  compare('driver', network.driver, request.driver);
  compare('internal', network.internal, request.internal && request.driver === 'bridge');
  if (request.networkInterface !== '') {
    compare('network_interface', network.networkInterface, request.networkInterface);
  }
  compare('ipam driver', network.ipamDriver ?? '', request.ipamDriver);
  if (request.ipv6Enabled) compare('ipv6_enabled', network.ipv6Enabled, true);
  if (!request.dnsEnabled) compare('dns_enabled', network.dnsEnabled, false);
  compareSubnets(network.subnets, request, differences);
  compareMaps('label', network.labels, request.labels, differences);
  compareMaps('option', withoutDefaults(network.options), withoutDefaults(request.options), differences);
  return differences;
}

function compareSubnets(has: readonly Subnet[], { subnets, ipv6Enabled }: CheckedRequest, differences: string[]): void {
  if (subnets.length === 0) return;
  const found = new Map(has.map((subnet) => [formatCidr(subnet.cidr), subnet]));
  const wantedNames = new Set(subnets.map(({ cidr }) => formatCidr(cidr)));
  const missing = [...wantedNames].filter((name) => !found.has(name));
  if (missing.length > 0) {
    differences.push(`subnets are ${[...found.keys()].join(', ') || 'none'}, without ${missing.join(', ')}`);
  }
  for (const wanted of subnets) {
    const name = formatCidr(wanted.cidr);
    const subnet = found.get(name);
    if (subnet === undefined) continue;
    compareAddress(`gateway of ${name}`, subnet.gateway, wanted.gateway, differences);
    compareAddress(`lease range start of ${name}`, subnet.leaseStart, wanted.leaseStart, differences);
    compareAddress(`lease range end of ${name}`, subnet.leaseEnd, wanted.leaseEnd, differences);
  }
  // Dual stack adds a subnet of the other family.
  if (ipv6Enabled) return;
  for (const name of found.keys()) if (!wantedNames.has(name)) differences.push(`it has subnet ${name} too`);
}

function compareAddress(
  what: string,
  has: Address | undefined,
  wanted: Address | undefined,
  differences: string[],
): void {
  const isSame = has && wanted ? compareAddresses(has, wanted) === 0 : has === wanted;
  if (!isSame)
    differences.push(`${what} is ${has ? formatAddress(has) : 'none'}, not ${wanted ? formatAddress(wanted) : 'none'}`);
}

function compareMaps(what: string, has: StringMap, wanted: StringMap, differences: string[]): void {
  for (const key of new Set([...has.keys(), ...wanted.keys()])) {
    const [ours, theirs] = [has.get(key), wanted.get(key)];
    if (ours !== theirs) differences.push(`${what} ${key} is ${show(ours)}, not ${show(theirs)}`);
  }
}

/** The options without those that have no effect, which no file has: an mtu or vlan of 0, an isolation that is off. */
function withoutDefaults(options: StringMap): StringMap {
  return new Map(
    [...options].flatMap(([key, value]): [string, string][] => {
      if (key === 'isolate') return parseGoBoolean(value) === true ? [[key, 'true']] : [];
      return /^[+-]?0*$/.test(value) ? [] : [[key, value]];
    }),
  );
}

function show(value: string | boolean | undefined): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? `"${value}"` : String(value);
}
