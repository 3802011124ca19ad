import type { Address, Cidr } from '../model/address.js';
import { bitsOf, compareAddresses, firstAddress, lastAddress, makeCidr, contains, unusableRole } from './cidr.js';

/** The addresses that Podman leases from an `--ip-range`: the first behind the network address to the last. */
export function rangeOf(cidr: Cidr): { readonly start: Address; readonly end: Address } {
  return { start: firstAddress(cidr), end: lastAddress(cidr) };
}

/**
 * The `--ip-range` behind a lease range, when there is one: the inverse of {@link rangeOf}, also where the end was clipped from the
 * broadcast address of `subnet`.
 */
export function prefixOfRange(start: Address, end: Address, subnet: Cidr): Cidr | undefined {
  for (let prefixBits = bitsOf(subnet.family); prefixBits >= subnet.prefixBits; prefixBits -= 1) {
    const candidate = makeCidr(start, prefixBits);
    const range = rangeOf(candidate);
    if (compareAddresses(range.start, start) !== 0) continue;
    const clipped = compareAddresses(range.end, lastAddress(subnet)) === 0 && range.end.value - 1n === end.value;
    if (clipped || compareAddresses(range.end, end) === 0) return contains(subnet, range.end) ? candidate : undefined;
  }
  return undefined;
}

/** DIVERGES: Podman writes the broadcast address as given and host-local would lease it to a container. */
export function clipToUsable(address: Address, subnet: Cidr): Address {
  const role = unusableRole(address, subnet);
  if (role === undefined) return address;
  return { family: address.family, value: address.value + (role === 'network' ? 1n : -1n) };
}
