import type { Address, Cidr } from '../model/address.js';
import { bitsOf, compareAddresses, firstAddress, lastAddress, makeCidr, contains, unusableRole } from './cidr.js';

/** The addresses that Podman leases from an `--ip-range`: from the one behind the network address to the last. */
export function rangeOf(cidr: Cidr): { readonly start: Address; readonly end: Address } {
  return { start: firstAddress(cidr), end: lastAddress(cidr) };
}

/**
 * The `--ip-range` that a lease range came from, the inverse of {@link rangeOf}; undefined when there is none. The end may be one below the
 * broadcast address of `subnet`, where {@link clipToUsable} put it.
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

/** The nearest address that a container can have. DIVERGES: Podman writes a broadcast address as given, and host-local would lease it. */
export function clipToUsable(address: Address, subnet: Cidr): Address {
  const role = unusableRole(address, subnet);
  if (role === undefined) return address;
  return { family: address.family, value: address.value + (role === 'network' ? 1n : -1n) };
}
