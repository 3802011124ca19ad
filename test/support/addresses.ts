import { parseAddress, parseCidr } from '../../src/ip/cidr.js';
import type { Address, Cidr } from '../../src/model/address.js';

/** Addresses and prefixes as tests write them. */

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
}

export function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed.cidr;
}
