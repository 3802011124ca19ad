import { bitsOf, makeCidr, networkAddress } from './cidr.js';
import type { Cidr, Family } from '../model/address.js';
import { blocksIn } from './pools.js';
import type { SubnetPool } from './pools.js';
import type { PrefixSet } from './prefix-set.js';

/** source: containers/common libnetwork/internal/util/util.go@v0.50.1 (GetFreeIPv6NetworkSubnet) */
const maxUlaTries = 10_000;

/** A prefix to choose; without a length it has the one of its pool's blocks. */
export interface WantedPrefix {
  readonly family: Family;
  readonly prefixBits: number | undefined;
}

/** A pool as a search goes through it: `prefixBits` is the length of the wanted block. */
export interface SearchedPool extends SubnetPool {
  /** Whether this is the length of the pool's own blocks. */
  readonly isOwn: boolean;
}

/** The pools in the order of the search: those whose own blocks have the wanted length, then those that another length is cut from. */
export function poolsFor(pools: readonly SubnetPool[], { family, prefixBits }: WantedPrefix): readonly SearchedPool[] {
  const searched = pools
    .filter(({ base }) => base.family === family)
    .map((pool) => ({
      base: pool.base,
      prefixBits: prefixBits ?? pool.prefixBits,
      isOwn: prefixBits === undefined || prefixBits === pool.prefixBits,
    }))
    .filter((pool) => blocksIn(pool) > 0n);
  return [...searched.filter(({ isOwn }) => isOwn), ...searched.filter(({ isOwn }) => !isOwn)];
}

/**
 * A free block of the first pool that has one, wherever an aligned one is free; undefined when none is. The pool's own blocks are given lowest
 * first. A block of another length is cut from the smallest free block with room for it, so that a larger one stays whole.
 *
 * DIVERGES: Docker cuts the first gap; source: moby libnetwork/ipams/defaultipam/address_space.go@v29 allocatePredefinedPool
 */
export function findFreeBlock(pools: readonly SearchedPool[], taken: PrefixSet): Cidr | undefined {
  for (const { base, prefixBits, isOwn } of pools) {
    const place = isOwn ? taken.firstFree(base, prefixBits) : taken.bestFit(base, prefixBits);
    if (place !== undefined) return makeCidr(networkAddress(place), prefixBits);
  }
  return undefined;
}

/** Free blocks of a length in a pool, the lowest first, from an address on. */
export function* freeBlocks(pool: Cidr, prefixBits: number, taken: PrefixSet): Generator<Cidr> {
  const step = 1n << BigInt(bitsOf(pool.family) - prefixBits);
  let block = taken.firstFree(pool, prefixBits);
  while (block !== undefined) {
    yield block;
    block = taken.firstFree(pool, prefixBits, block.base + step);
  }
}

/** All unique local prefixes that a host may make for itself (RFC 4193, 3.1). */
export const ulaRange: Cidr = { family: 6, base: 0xfdn << 120n, prefixBits: 8 };

/** Length of the shortest random prefix: the 40 random bits of a site end here (RFC 4193, 3.1). */
export const shortestUla = 48;

/** Length of a random prefix that is asked for without a length. */
export const usualUla = 64;

/**
 * A random unique local prefix (RFC 4193) of 48 bits or more that is free; undefined when no try finds one. `random(n)` returns n random bytes.
 * source: containers/common libnetwork/internal/util/ip.go@v0.50.1 (getRandomIPv6Subnet: fd and seven random bytes)
 */
export function randomUla(
  random: (bytes: number) => Uint8Array,
  taken: PrefixSet,
  prefixBits = usualUla,
): Cidr | undefined {
  if ((taken.largestFree(ulaRange) ?? Infinity) > prefixBits) return undefined;
  for (let tries = 0; tries < maxUlaTries; tries++) {
    let value = 0xfdn;
    for (const byte of random(7)) value = (value << 8n) | BigInt(byte);
    const subnet = makeCidr({ family: 6, value: value << 64n }, prefixBits);
    if (!taken.overlaps(subnet)) return subnet;
  }
  return undefined;
}
