import { makeCidr, networkAddress } from './cidr.js';
import type { Cidr } from '../model/address.js';
import { blocksIn } from './pools.js';
import type { SubnetPool } from './pools.js';
import type { PrefixSet } from './prefix-set.js';

/** source: containers/common libnetwork/internal/util/util.go@v0.50.1 (GetFreeIPv6NetworkSubnet) */
const maxUlaTries = 10_000;

/** First block of the pools, in their order, that is free in every set; undefined when none is. */
export function firstFreeInPools(pools: readonly SubnetPool[], sets: readonly PrefixSet[]): Cidr | undefined {
  for (const pool of pools) {
    const block = firstFreeInPool(pool, sets);
    if (block !== undefined) return block;
  }
  return undefined;
}

/**
 * A random unique local /64 (RFC 4193) that is free in every set; undefined when no try finds one.
 * `random(n)` returns n random bytes.
 * source: containers/common libnetwork/internal/util/ip.go@v0.50.1 (getRandomIPv6Subnet: fd and seven random bytes)
 */
export function randomUla(random: (bytes: number) => Uint8Array, sets: readonly PrefixSet[]): Cidr | undefined {
  for (let tries = 0; tries < maxUlaTries; tries++) {
    let value = 0xfdn;
    for (const byte of random(7)) value = (value << 8n) | BigInt(byte);
    const subnet = makeCidr({ family: 6, value: value << 64n }, 64);
    if (!sets.some((set) => set.overlaps(subnet))) return subnet;
  }
  return undefined;
}

/** Each set moves the candidate up past the prefixes that overlap it, until a round leaves the candidate in place. */
function firstFreeInPool(pool: SubnetPool, sets: readonly PrefixSet[]): Cidr | undefined {
  if (blocksIn(pool) === 0n) return undefined;
  let candidate = makeCidr(networkAddress(pool.base), pool.prefixBits);
  for (let moved = true; moved;) {
    moved = false;
    for (const set of sets) {
      const free = set.firstFree(pool.base, pool.prefixBits, candidate.base);
      if (free === undefined) return undefined;
      moved ||= free.base !== candidate.base;
      candidate = free;
    }
  }
  return candidate;
}
