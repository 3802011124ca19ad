import { bitsOf } from './cidr.js';
import type { Cidr } from '../model/address.js';

/** A prefix that subnets of length `prefixBits` are cut from when a request names no subnet. */
export interface SubnetPool {
  readonly base: Cidr;
  readonly prefixBits: number;
}

/**
 * 10.89.0.0/24 to 10.255.255.0/24.
 * source: containers/common pkg/config/default.go@v0.50.1 (DefaultSubnetPools)
 */
export const defaultSubnetPools: readonly SubnetPool[] = [
  { base: { family: 4, base: 0x0a59_0000n, prefixBits: 16 }, prefixBits: 24 }, // 10.89.0.0
  { base: { family: 4, base: 0x0a5a_0000n, prefixBits: 15 }, prefixBits: 24 }, // 10.90.0.0
  { base: { family: 4, base: 0x0a5c_0000n, prefixBits: 14 }, prefixBits: 24 }, // 10.92.0.0
  { base: { family: 4, base: 0x0a60_0000n, prefixBits: 11 }, prefixBits: 24 }, // 10.96.0.0
  { base: { family: 4, base: 0x0a80_0000n, prefixBits: 9 }, prefixBits: 24 }, // 10.128.0.0
];

/** How many subnets the pool holds; 0 when its subnets do not fit. */
export function blocksIn({ base, prefixBits }: SubnetPool): bigint {
  if (prefixBits < base.prefixBits || prefixBits > bitsOf(base.family)) return 0n;
  return 1n << BigInt(prefixBits - base.prefixBits);
}
