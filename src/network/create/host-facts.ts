import { bitsOf, formatAddress, formatCidr, makeCidr } from '../../ip/cidr.js';
import { PrefixSet } from '../../ip/prefix-set.js';
import type { Address, Cidr, Family } from '../../model/address.js';
import { rememberLast } from '../../model/remember-last.js';
import { sha256 } from '../../model/sha256.js';
import type { HostFacts } from '../dependencies/draft.js';

/** Kernel tables as read from rtnetlink; addresses are 4 or 16 bytes. */
export interface KernelTables {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

interface KernelLink {
  readonly name: string;
  readonly kind: string;
  readonly index?: number;
  readonly alternatives?: readonly string[];
}

interface KernelPrefix {
  readonly address: Uint8Array;
  readonly prefixBits: number;
  /** Index of the link that has the address, or that the route leads through. */
  readonly linkIndex?: number | undefined;
}

const noServers: readonly Address[] = [];

/** Bits of a default route at most: VPNs write it as `0.0.0.0/1` and `128.0.0.0/1`. */
const defaultRouteBits = 1;

/** Derives the facts from the kernel tables, and anew only from tables that are other objects than before. */
export class HostFactsGatherer {
  readonly #links = rememberLast((links: KernelTables['links']) => new Map(links.flatMap(nameLink)));
  readonly #linksByOtherName = rememberLast(mapOtherNames);
  readonly #addresses = rememberLast(buildGatherer());
  readonly #routes = rememberLast(buildGatherer(defaultRouteBits));
  readonly #dnsServers = rememberLast(toSet);
  // Made when a message first needs the name of a link.
  readonly #linksOfAddresses = rememberLast(mapLinks);
  readonly #linksOfRoutes = rememberLast(mapLinks);
  readonly #namesOfLinks = rememberLast(
    (links: KernelTables['links']) => new Map(links.toReversed().map(({ index, name }) => [index, name])),
  );
  readonly #hashOfLinks = rememberLast((links: KernelTables['links']) => hashTable(links.map(describeLink)));
  readonly #hashOfAddresses = rememberLast(hashPrefixes);
  readonly #hashOfRoutes = rememberLast(hashPrefixes);
  readonly #hashOfServers = rememberLast((servers: readonly Address[]) => hashTable(servers.map(formatAddress)));

  #last: { readonly inputs: readonly object[]; readonly facts: HostFacts } | undefined;

  /** The same object as at the last call while nothing of it changed. @param dnsServers that this host asks */
  gather(tables: KernelTables, dnsServers: readonly Address[] = noServers): HostFacts {
    const inputs = [tables.links, tables.addresses, tables.routes, dnsServers];
    if (this.#last?.inputs.every((input, index) => input === inputs[index]) !== true)
      this.#last = { inputs, facts: this.#derive(tables, dnsServers) };
    return this.#last.facts;
  }

  #derive({ links, addresses, routes }: KernelTables, dnsServers: readonly Address[]): HostFacts {
    return {
      links: this.#links(links),
      linkNamed: (name) => this.#linksByOtherName(links).get(name) ?? name,
      addresses: this.#addresses(addresses),
      routes: this.#routes(routes),
      dnsServers: this.#dnsServers(dnsServers),
      // Read by requests with a condition, and by previews.
      revision: () =>
        [
          this.#hashOfLinks(links),
          this.#hashOfAddresses(addresses),
          this.#hashOfRoutes(routes),
          this.#hashOfServers(dnsServers),
        ].join(''),
      linkOfAddress: (prefix) => nameLinkOf(prefix, this.#linksOfAddresses(addresses), this.#namesOfLinks(links)),
      linkOfRoute: (prefix) => nameLinkOf(prefix, this.#linksOfRoutes(routes), this.#namesOfLinks(links)),
    };
  }
}

/** An alternative name is taken, and joins no bridge: the bridge plugin would make a link of that name, which the kernel refuses. */
function nameLink({ name, kind, alternatives = [] }: KernelLink): readonly (readonly [name: string, kind: string])[] {
  const alternativeKind = `${kind} (as another name of ${name})`;
  return [[name, kind], ...alternatives.map((alternative) => [alternative, alternativeKind] as const)];
}

function mapOtherNames(links: KernelTables['links']): ReadonlyMap<string, string> {
  return new Map(links.flatMap(({ name, alternatives = [] }) => alternatives.map((other) => [other, name] as const)));
}

/**
 * Returns a function that updates its last set by the difference, because a new container adds few prefixes to a thousand.
 *
 * @param uncounted prefixes of so few bits, or fewer, are left out
 */
function buildGatherer(uncounted = -1): (prefixes: readonly KernelPrefix[]) => PrefixSet {
  let known: ReadonlyMap<string, Cidr> = new Map();
  let set = PrefixSet.empty;
  return (prefixes) => {
    const found = new Map<string, Cidr>();
    for (const prefix of prefixes) {
      const key = keyOf(prefix);
      if (prefix.prefixBits <= uncounted || found.has(key)) continue;
      const cidr = known.get(key) ?? toCidr(prefix);
      found.set(key, cidr);
      if (!known.has(key)) set = set.add(cidr);
    }
    for (const [key, cidr] of known) if (!found.has(key)) set = set.remove(cidr);
    known = found;
    return set;
  };
}

function describeLink({ name, kind, alternatives = [] }: KernelLink): string {
  return [name, kind, ...alternatives].join(' ');
}

function hashPrefixes(prefixes: readonly KernelPrefix[]): string {
  return hashTable(prefixes.map(keyOf));
}

/** A hash of the rows in any order, because the kernel promises none. */
function hashTable(rows: readonly string[]): string {
  return sha256(rows.toSorted().join('\n'));
}

function keyOf({ address, prefixBits }: KernelPrefix): string {
  return String.fromCharCode(prefixBits, ...address);
}

function toCidr({ address, prefixBits }: KernelPrefix): Cidr {
  const family: Family = address.length === 4 ? 4 : 6;
  const value = BigInt(`0x${Buffer.from(address).toString('hex')}`);
  return makeCidr({ family, value }, prefixBits);
}

function toSet(addresses: readonly Address[]): PrefixSet {
  return addresses.reduce((set, address) => set.add(makeCidr(address, bitsOf(address.family))), PrefixSet.empty);
}

/** The index of a link by each prefix, the first of several. */
function mapLinks(prefixes: readonly KernelPrefix[]): ReadonlyMap<string, number | undefined> {
  return new Map(prefixes.toReversed().map((prefix) => [formatCidr(toCidr(prefix)), prefix.linkIndex]));
}

function nameLinkOf(
  prefix: Cidr,
  indexes: ReturnType<typeof mapLinks>,
  names: ReadonlyMap<number | undefined, string>,
): string | undefined {
  const wanted = indexes.get(formatCidr(prefix));
  return wanted === undefined ? undefined : names.get(wanted);
}
