import { formatCidr, makeCidr } from '../../ip/cidr.js';
import { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr, Family } from '../../model/address.js';
import { rememberLast } from '../../model/remember-last.js';
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
  /** Of the link that has it, or that it leads through. */
  readonly linkIndex?: number | undefined;
}

/** `0.0.0.0/1` and `128.0.0.0/1` are how VPNs write a default route. */
const defaultRouteBits = 1;

/** Makes the facts of the tables, and again only of those that are other objects than before. */
export class HostFactsGatherer {
  readonly #links = rememberLast((links: KernelTables['links']) => new Map(links.flatMap(nameLink)));
  readonly #addresses = rememberLast(buildGatherer());
  readonly #routes = rememberLast(buildGatherer(defaultRouteBits));

  gather({ links, addresses, routes }: KernelTables): HostFacts {
    return {
      links: this.#links(links),
      addresses: this.#addresses(addresses),
      routes: this.#routes(routes),
      linkOfAddress: (prefix) => findLink(prefix, addresses, links),
      linkOfRoute: (prefix) => findLink(prefix, routes, links),
    };
  }
}

/** An alternative name is taken, and no bridge can be joined by it: the bridge plugin makes one by that very name, which the kernel refuses. */
function nameLink({ name, kind, alternatives = [] }: KernelLink): readonly (readonly [name: string, kind: string])[] {
  const alternativeKind = `${kind} (as another name of ${name})`;
  return [[name, kind], ...alternatives.map((alternative) => [alternative, alternativeKind] as const)];
}

/**
 * Of what it gathers little is new: a container comes, its address and route do, and a thousand are as they were.
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

function keyOf({ address, prefixBits }: KernelPrefix): string {
  return String.fromCharCode(prefixBits, ...address);
}

function toCidr({ address, prefixBits }: KernelPrefix): Cidr {
  const family: Family = address.length === 4 ? 4 : 6;
  const value = BigInt(`0x${Buffer.from(address).toString('hex')}`);
  return makeCidr({ family, value }, prefixBits);
}

function findLink(prefix: Cidr, among: readonly KernelPrefix[], links: KernelTables['links']): string | undefined {
  const wanted = formatCidr(prefix);
  const found = among.find((candidate) => {
    return candidate.prefixBits === prefix.prefixBits && formatCidr(toCidr(candidate)) === wanted;
  });
  if (found?.linkIndex === undefined) return undefined;
  return links.find(({ index }) => index === found.linkIndex)?.name;
}
