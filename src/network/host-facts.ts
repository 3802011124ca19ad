import { makeCidr } from '../ip/cidr.js';
import { PrefixSet } from '../ip/prefix-set.js';
import type { Cidr, Family } from '../model/address.js';
import { rememberLast } from '../model/remember-last.js';
import type { HostFacts } from './ports.js';

/** Kernel tables as read from rtnetlink; addresses are 4 or 16 bytes. */
export interface KernelTables {
  readonly links: readonly { readonly name: string; readonly kind: string }[];
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

interface KernelPrefix {
  readonly address: Uint8Array;
  readonly prefixBits: number;
}

/** `0.0.0.0/1` and `128.0.0.0/1` are how VPNs write a default route. */
const defaultRouteBits = 1;

/** Makes the facts of the tables, and again only of those that are other objects than before. */
export class HostFactsGatherer {
  readonly #links = rememberLast(
    (links: KernelTables['links']) => new Map(links.map(({ name, kind }) => [name, kind])),
  );
  readonly #addresses = rememberLast(gather);
  readonly #routes = rememberLast((routes: readonly KernelPrefix[]) =>
    gather(routes.filter(({ prefixBits }) => prefixBits > defaultRouteBits)),
  );

  gather({ links, addresses, routes }: KernelTables): HostFacts {
    return { links: this.#links(links), addresses: this.#addresses(addresses), routes: this.#routes(routes) };
  }
}

function gather(prefixes: readonly KernelPrefix[]): PrefixSet {
  return prefixes.reduce((set, prefix) => set.add(toCidr(prefix)), PrefixSet.empty);
}

function toCidr({ address, prefixBits }: KernelPrefix): Cidr {
  const family: Family = address.length === 4 ? 4 : 6;
  const value = BigInt(`0x${Buffer.from(address).toString('hex')}`);
  return makeCidr({ family, value }, prefixBits);
}
