import { formatCidr, overlaps } from '../ip/cidr.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Cidr } from '../model/address.js';

/** Private prefixes outside of 10.0.0.0/8, which has the pools by default; 172.16.0.0/14 comes late, because Docker's bridge is in it. */
const spares: readonly SubnetPool[] = [
  { base: { family: 4, base: 0xac14_0000n, prefixBits: 14 }, prefixBits: 24 }, // 172.20.0.0
  { base: { family: 4, base: 0xac18_0000n, prefixBits: 13 }, prefixBits: 24 }, // 172.24.0.0
  { base: { family: 4, base: 0xac10_0000n, prefixBits: 14 }, prefixBits: 24 }, // 172.16.0.0
  { base: { family: 4, base: 0xc0a8_0000n, prefixBits: 16 }, prefixBits: 24 }, // 192.168.0.0
];

/**
 * A remedy where no IPv4 pool is left, with a line for podnetd.toml where a private prefix is free of reserved ones.
 *
 * @param hasPools whether podnetd.toml has `subnet_pools` already, as TOML takes a key once
 */
export function remedyForNoPool(reserved: readonly Cidr[], hasPools: boolean): string {
  const spare = spares.find(({ base }) => !reserved.some((prefix) => overlaps(prefix, base)));
  if (spare === undefined) return 'name another in subnet_pools of [addresses]';
  const pool = `{ base = "${formatCidr(spare.base)}", size = ${spare.prefixBits} }`;
  return hasPools ? `add to subnet_pools of [addresses]: ${pool}` : `add to [addresses]: subnet_pools = [${pool}]`;
}
