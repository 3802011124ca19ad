import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import t from 'tap';
import { firstFreeInPools, randomUla } from '../../src/ip/allocate.js';
import { bitsOf, contains, formatCidr, lastAddress, makeCidr, overlaps } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import { defaultSubnetPools } from '../../src/ip/pools.js';
import type { SubnetPool } from '../../src/ip/pools.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import { cidr } from '../support/addresses.js';

function setOf(members: readonly Cidr[]): PrefixSet {
  return members.reduce((set, member) => set.add(member), PrefixSet.empty);
}

function allocate(pools: readonly SubnetPool[], ...used: string[][]): string | undefined {
  const found = firstFreeInPools(
    pools,
    used.map((texts) => setOf(texts.map(cidr))),
  );
  return found && formatCidr(found);
}

void t.test('the first free subnet of the default pools', async (test) => {
  test.equal(allocate(defaultSubnetPools), '10.89.0.0/24');
  test.equal(allocate(defaultSubnetPools, []), '10.89.0.0/24');
  test.equal(allocate(defaultSubnetPools, ['10.88.0.0/16']), '10.89.0.0/24');
  test.equal(allocate(defaultSubnetPools, ['10.89.0.0/24'], ['10.89.1.0/24']), '10.89.2.0/24');
  test.equal(allocate(defaultSubnetPools, ['10.89.0.0/24', '10.89.2.0/24'], ['10.89.1.7/32']), '10.89.3.0/24');
  test.equal(allocate(defaultSubnetPools, ['10.89.0.0/16'], ['10.90.0.0/15', '10.92.0.0/16']), '10.93.0.0/24');
  test.equal(allocate(defaultSubnetPools, ['10.0.0.0/8']), undefined);
  test.equal(allocate(defaultSubnetPools, ['10.88.0.0/13', '10.96.0.0/11'], ['10.128.0.0/9']), undefined);
});

void t.test('the search ends with the pool, even at the end of the address space', async (test) => {
  const last = [{ base: cidr('255.255.254.0/23'), prefixBits: 24 }];
  test.equal(allocate(last, ['255.255.254.0/24']), '255.255.255.0/24');
  test.equal(allocate(last, ['255.255.254.0/24'], ['255.255.255.0/24']), undefined);
  const last6 = [{ base: makeCidr({ family: 6, value: (1n << 128n) - 1n }, 127), prefixBits: 128 }];
  test.equal(allocate(last6, ['::/1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127']), undefined);
});

void t.test('a pool without blocks is skipped', async (test) => {
  const pools = [23, 33].map((prefixBits) => ({ base: cidr('10.0.0.0/24'), prefixBits }));
  test.equal(allocate(pools), undefined);
  test.equal(allocate([...pools, { base: cidr('10.1.0.0/24'), prefixBits: 24 }], []), '10.1.0.0/24');
});

void t.test('without pools no subnet is free', async (test) => test.equal(allocate([], []), undefined));

/** The first free block by a walk over every block of every pool. */
function walkPools(pools: readonly SubnetPool[], members: readonly Cidr[]): Cidr | undefined {
  for (const { base, prefixBits } of pools) {
    const block = 1n << BigInt(bitsOf(base.family) - prefixBits);
    const last = lastAddress(base).value;
    for (let value = base.base; value <= last; value += block) {
      const candidate = makeCidr({ family: base.family, value }, prefixBits);
      if (!members.some((member) => overlaps(member, candidate))) return candidate;
    }
  }
  return undefined;
}

/** A place near the start or at the very end of a family's address space. */
const corner = fc.record({ family: fc.constantFrom(4 as const, 6 as const), atEnd: fc.boolean() });

const poolCase = corner.chain(({ family, atEnd }) => {
  const bits = bitsOf(family);
  const base = atEnd ? (1n << BigInt(bits)) - 128n : 128n;
  const prefix = (minBits: number, maxBits: number): fc.Arbitrary<Cidr> =>
    fc
      .tuple(fc.bigInt(0n, 127n), fc.integer({ min: minBits, max: maxBits }))
      .map(([offset, prefixBits]) => makeCidr({ family, value: base + offset }, prefixBits));
  const pool = fc
    .tuple(prefix(bits - 6, bits - 2), fc.nat(3))
    .map(([within, more]): SubnetPool => ({ base: within, prefixBits: Math.min(within.prefixBits + more, bits) }));
  return fc.record({
    pools: fc.array(pool, { maxLength: 4 }),
    used: fc.array(fc.array(prefix(bits - 5, bits), { maxLength: 25, size: 'max' }), { maxLength: 3 }),
  });
});

void t.test('the search finds what a linear walk finds', async (test) => {
  test.doesNotThrow(() =>
    fc.assert(
      fc.property(poolCase, ({ pools, used }) => {
        assert.deepEqual(firstFreeInPools(pools, used.map(setOf)), walkPools(pools, used.flat()));
      }),
      { numRuns: 500 },
    ),
  );
});

void t.test('successive allocations yield the whole pool in order', async (test) => {
  const pools = [{ base: cidr('10.1.0.0/26'), prefixBits: 30 }];
  let used = PrefixSet.empty;
  const found: bigint[] = [];
  for (let block = firstFreeInPools(pools, [used]); block !== undefined; block = firstFreeInPools(pools, [used])) {
    found.push(block.base);
    used = used.add(block);
  }
  test.same(
    found,
    Array.from({ length: 16 }, (_, i) => cidr('10.1.0.0/26').base + BigInt(i) * 4n),
  );
});

void t.test('a random unique local /64', async (test) => {
  test.same(
    randomUla((n) => Uint8Array.from({ length: n }, (_, i) => i + 1), []),
    cidr('fd01:203:405:607::/64'),
  );
  for (let i = 0; i < 100; i++) {
    const subnet = randomUla(randomBytes, [PrefixSet.empty]);
    test.ok(subnet && subnet.prefixBits === 64 && contains(cidr('fd00::/8'), { family: 6, value: subnet.base }));
  }
});

void t.test('a used /64 is drawn again', async (test) => {
  let draws = 0;
  const counting = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i === n - 1 ? draws++ : 0));
  const sets = [setOf([cidr('fd00::/64'), cidr('fd00:0:0:2::/63')]), setOf([cidr('fd00:0:0:1::1/128')])];
  test.same(randomUla(counting, sets), cidr('fd00:0:0:4::/64'));
  test.equal(draws, 5);
});

void t.test('the search for a free /64 ends after 10 000 draws', async (test) => {
  let draws = 0;
  const counting = (n: number): Uint8Array => {
    draws++;
    return randomBytes(n);
  };
  test.equal(randomUla(counting, [PrefixSet.empty, setOf([cidr('fc00::/7')])]), undefined);
  test.equal(draws, 10_000);
});
