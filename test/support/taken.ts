import { isSameCidr } from '../../src/ip/cidr.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import type { Cidr } from '../../src/model/address.js';
import type { TakenPrefixes } from '../../src/network/addresses/claims.js';
import { cidr } from './addresses.js';

/** Prefixes in use, as texts; by name those of networks and interfaces. */
export interface TakenTexts {
  readonly networks?: Readonly<Record<string, readonly string[]>>;
  /** Prefixes of files that are no networks, by path. */
  readonly files?: Readonly<Record<string, readonly string[]>>;
  readonly interfaces?: Readonly<Record<string, string>>;
  /** Interfaces by the prefix of the route. */
  readonly routes?: Readonly<Record<string, string>>;
  readonly dnsServers?: readonly string[];
}

/** What a decision about subnets reads, all networks being bridges. */
export function takePrefixes(given: TakenTexts): TakenPrefixes {
  const { networks = {}, files = {}, interfaces = {}, routes = {}, dnsServers = [] } = given;
  const ofNetworks = Object.entries(networks).flatMap(([network, prefixes]) =>
    prefixes.map((prefix) => ({ prefix: cidr(prefix), network, path: `/net.d/${network}.conflist` })),
  );
  const ofFiles = Object.entries(files).flatMap(([path, prefixes]) =>
    prefixes.map((prefix) => ({ prefix: cidr(prefix), network: undefined, path })),
  );
  const holders = [...ofNetworks, ...ofFiles];
  const used = setOf(holders.map(({ prefix }) => prefix));
  const nameIn = (names: Readonly<Record<string, string>>) => (prefix: Cidr) =>
    Object.entries(names).find(
      ([, text]) => setOf([cidr(text)]).firstFree(prefix, prefix.prefixBits) === undefined,
    )?.[0];
  return {
    used,
    routed: used,
    sight: { seesNetwork: () => true, seesBridge: () => true, seesHost: true },
    userOf: (prefix) => holders.find((holder) => isSameCidr(holder.prefix, prefix)),
    host: {
      links: new Map(),
      addresses: setOf(Object.values(interfaces).map(cidr)),
      routes: setOf(Object.keys(routes).map(cidr)),
      dnsServers: setOf(dnsServers.map(cidr)),
      linkNamed: (name) => name,
      revision: () => '',
      linkOfAddress: nameIn(interfaces),
      linkOfRoute: (prefix) =>
        routes[nameIn(Object.fromEntries(Object.keys(routes).map((text) => [text, text])))(prefix) ?? ''],
    },
  };
}

export function setOf(prefixes: readonly Cidr[]): PrefixSet {
  return prefixes.reduce((set, prefix) => set.add(prefix), PrefixSet.empty);
}
