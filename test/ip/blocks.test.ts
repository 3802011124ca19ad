import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import {
  blockAt,
  blocksOver,
  countBlocks,
  cutByIndex,
  firstUncovered,
  indexOfBlock,
  poolsOfBlocks,
  uncoveredParts,
} from '../../src/ip/blocks.js';
import { bitsOf, covers, formatCidr, isSameCidr, lastAddress, makeCidr, overlaps } from '../../src/ip/cidr.js';
import type { Cidr, Family } from '../../src/model/address.js';
import type { FleetPool } from '../../src/model/fleet.js';
import { cidr } from '../support/addresses.js';
import { rounds } from '../support/rounds.js';

const example: FleetPool = { base: cidr('10.64.0.0/10'), blockBits: 20, prefixBits: 24 };

void t.test('blocks of a pool', async (test) => {
  test.equal(countBlocks(example), 1024n);
  test.equal(formatCidr(blockAt(example, 0n)), '10.64.0.0/20');
  test.equal(formatCidr(blockAt(example, 7n)), '10.64.112.0/20');
  test.equal(formatCidr(blockAt(example, 1023n)), '10.127.240.0/20');
  for (const index of [-1n, 1024n]) test.throws(() => blockAt(example, index), RangeError);
  test.equal(indexOfBlock(example, cidr('10.64.112.0/24')), 7n);
  for (const text of ['10.64.112.0/19', '10.128.0.0/20', 'fd00::/20'])
    test.throws(() => indexOfBlock(example, cidr(text)), RangeError, text);
});

void t.test('the blocks that a prefix overlaps', async (test) => {
  const over = (text: string, limit = 4) => blocksOver(example, cidr(text), limit)?.map(formatCidr);
  test.same(over('10.64.113.0/24'), ['10.64.112.0/20']);
  test.same(over('10.64.112.0/20'), ['10.64.112.0/20']);
  test.same(over('10.64.32.0/19'), ['10.64.32.0/20', '10.64.48.0/20']);
  test.same(over('10.128.0.0/9'), []);
  test.same(over('fd00::/8'), []);
  test.equal(over('10.64.0.0/17'), undefined);
  test.equal(over('10.0.0.0/8', 1023), undefined);
  test.equal(over('10.0.0.0/8', 1024)?.length, 1024);
});

void t.test('what blocks leave of a prefix', async (test) => {
  const wanted = cidr('10.64.0.0/18');
  const uncovered = (...texts: string[]) => firstUncovered(wanted, texts.map(cidr));
  test.equal(uncovered(), wanted.base);
  test.equal(uncovered('10.64.16.0/20', '10.64.0.0/20', '10.64.48.0/20'), cidr('10.64.32.0/20').base);
  test.equal(uncovered('10.64.16.0/20', '10.64.0.0/20', '10.64.48.0/20', '10.64.32.0/20'), undefined);
  test.equal(uncovered('10.64.0.0/20', 'fd00::/20', '10.80.0.0/20'), cidr('10.64.16.0/20').base);
  test.equal(firstUncovered(cidr('10.64.1.0/24'), [cidr('10.64.0.0/20')]), undefined);
});

void t.test('own blocks are pools in the order of the fleet', async (test) => {
  const second: FleetPool = { base: cidr('10.32.0.0/16'), blockBits: 20, prefixBits: 26 };
  const own = ['10.64.32.0/20', '10.32.16.0/20', '10.64.0.0/20', '10.200.0.0/20', '10.64.64.0/21'].map(cidr);
  const pools = poolsOfBlocks([example, second], own);
  test.same(
    pools.map(({ base, prefixBits }) => `${formatCidr(base)} ${prefixBits}`),
    ['10.64.0.0/20 24', '10.64.32.0/20 24', '10.32.16.0/20 26'],
  );
});

const families = fc.constantFrom<Family>(4, 6);

/** Any pool with at most 2^16 blocks. */
const anyPool: fc.Arbitrary<FleetPool> = families.chain((family) =>
  fc
    .tuple(
      fc.integer({ min: 4, max: bitsOf(family) - 2 }),
      fc.nat(16),
      fc.nat(40),
      fc.bigInt(0n, (1n << BigInt(bitsOf(family))) - 1n),
    )
    .map(([baseBits, more, further, value]) => {
      const blockBits = Math.min(baseBits + more, bitsOf(family) - 2);
      return {
        base: makeCidr({ family, value }, baseBits),
        blockBits,
        prefixBits: Math.min(blockBits + further, bitsOf(family) - 2),
      };
    }),
);

void t.test('a prefix and its blocks agree, whatever the pool', async () => {
  fc.assert(
    fc.property(anyPool, fc.nat(), fc.nat(), (pool, index, longer) => {
      const blocks = countBlocks(pool);
      const chosen = BigInt(index) % blocks;
      const block = blockAt(pool, chosen);
      assert.equal(indexOfBlock(pool, block), chosen);
      assert.ok(covers(pool.base, block));
      const bits = pool.base.prefixBits + (longer % (bitsOf(pool.base.family) - pool.base.prefixBits + 1));
      const prefix = makeCidr({ family: block.family, value: block.base }, bits);
      const over = blocksOver(pool, prefix, 1 << 16) ?? assert.fail('too many');
      const slow = (first: bigint, last: bigint): Cidr[] =>
        Array.from({ length: Number(last - first) + 1 }, (_, step) => blockAt(pool, first + BigInt(step)));
      const [first, last] = [prefix.base, lastAddress(prefix).value].map((value) =>
        indexOfBlock(pool, makeCidr({ family: prefix.family, value }, bitsOf(prefix.family))),
      ) as [bigint, bigint];
      assert.deepEqual(over, slow(first, last));
      assert.equal(firstUncovered(prefix, over), undefined);
      if (over.length > 1) assert.equal(firstUncovered(prefix, over.slice(1)), prefix.base);
    }),
    { numRuns: rounds(200, 5_000) },
  );
});

/** Pools that do not overlap each other. */
const anyPools = fc
  .array(anyPool, { minLength: 1, maxLength: 4 })
  .map((pools) =>
    pools.filter(({ base }, index) => !pools.slice(0, index).some((other) => overlaps(other.base, base))),
  );

void t.test('two hosts of different index have no address in common, whatever the pools', async () => {
  fc.assert(
    fc.property(anyPools, fc.nat(), fc.nat(), (pools, one, other) => {
      const least = pools.map(countBlocks).reduce((a, b) => (a < b ? a : b));
      const [first, second] = [one, other].map((index) => Number(BigInt(index) % least)) as [number, number];
      const cut = (index: number) => poolsOfBlocks(pools, cutByIndex(pools, index)).map(({ base }) => base);
      const [ofFirst, ofSecond] = [cut(first), cut(second)];
      assert.equal(ofFirst.length, pools.length);
      for (const a of ofFirst)
        for (const b of ofSecond) assert.equal(overlaps(a, b), first === second && isSameCidr(a, b));
    }),
    { numRuns: rounds(300, 10_000) },
  );
});

void t.test('what blocks leave uncovered and the blocks make up the whole, and have nothing in common', async () => {
  fc.assert(
    fc.property(
      anyPool,
      fc.array(fc.bigInt({ min: 0n, max: (1n << 40n) - 1n }), { maxLength: 12 }),
      (pool, indexes) => {
        const chosen = new Set(indexes.map((index) => index % countBlocks(pool)));
        const blocks = [...chosen].map((index) => blockAt(pool, index));
        const parts = uncoveredParts(pool.base, blocks);
        assert.equal(firstUncovered(pool.base, [...parts, ...blocks]), undefined);
        const size = ({ family, prefixBits }: Cidr) => 1n << BigInt(bitsOf(family) - prefixBits);
        const sum = [...parts, ...blocks].reduce((total, one) => total + size(one), 0n);
        assert.equal(sum, size(pool.base));
      },
    ),
    { numRuns: rounds(200, 5_000) },
  );
});
