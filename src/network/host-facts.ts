import { makeCidr } from '../ip/cidr.js';
import { PrefixSet } from '../ip/prefix-set.js';
import type { Cidr, Family } from '../model/address.js';
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

export function gatherHostFacts({ links, addresses, routes }: KernelTables): HostFacts {
  return {
    links: new Map(links.map(({ name, kind }) => [name, kind])),
    addresses: gather(addresses),
    routes: gather(routes.filter(({ prefixBits }) => prefixBits > defaultRouteBits)),
  };
}

function gather(prefixes: readonly KernelPrefix[]): PrefixSet {
  return prefixes.reduce((set, prefix) => set.add(toCidr(prefix)), PrefixSet.empty);
}

function toCidr({ address, prefixBits }: KernelPrefix): Cidr {
  const family: Family = address.length === 4 ? 4 : 6;
  const value = BigInt(`0x${Buffer.from(address).toString('hex')}`);
  return makeCidr({ family, value }, prefixBits);
}
