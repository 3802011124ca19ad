import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import t from 'tap';
import { findFreeBlock, freeBlocks, poolsFor, randomUla, type WantedPrefix } from '../../src/ip/allocate.js';
import { bitsOf, contains, formatCidr, lastAddress, makeCidr, networkAddress, overlaps } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import { defaultSubnetPools } from '../../src/ip/pools.js';
import type { SubnetPool } from '../../src/ip/pools.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import { cidr } from '../support/addresses.js';

function setOf(members: readonly Cidr[]): PrefixSet {
  return members.reduce((set, member) => set.add(member), PrefixSet.empty);
}

function showFree(pools: readonly SubnetPool[], wanted: WantedPrefix, taken: PrefixSet): string | undefined {
  const found = findFreeBlock(poolsFor(pools, wanted), taken);
  return found && formatCidr(found);
}

function allocate(pools: readonly SubnetPool[], ...used: string[][]): string | undefined {
  return showFree(pools, { family: pools[0]?.base.family ?? 4, prefixBits: undefined }, setOf(used.flat().map(cidr)));
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
        const searched = poolsFor(pools, { family: pools[0]?.base.family ?? 4, prefixBits: undefined });
        assert.deepEqual(findFreeBlock(searched, setOf(used.flat())), walkPools(pools, used.flat()));
      }),
      { numRuns: 500 },
    ),
  );
});

void t.test('successive allocations yield the whole pool in order', async (test) => {
  const pools = [{ base: cidr('10.1.0.0/26'), prefixBits: 30 }];
  let used = PrefixSet.empty;
  const found: bigint[] = [];
  const searched = poolsFor(pools, { family: 4, prefixBits: undefined });
  for (;;) {
    const block = findFreeBlock(searched, used);
    if (block === undefined) break;
    found.push(block.base);
    used = used.add(block);
  }
  test.same(
    found,
    Array.from({ length: 16 }, (_, i) => cidr('10.1.0.0/26').base + BigInt(i) * 4n),
  );
});

void t.test('another length is cut from the smallest free block with room for it', async (test) => {
  const pools = [
    { base: cidr('10.1.0.0/16'), prefixBits: 24 },
    { base: cidr('10.2.0.0/24'), prefixBits: 28 },
    { base: cidr('fd01::/48'), prefixBits: 64 },
  ];
  const of = (prefixBits: number, ...taken: string[]) =>
    showFree(pools, { family: 4, prefixBits }, setOf(taken.map(cidr)));
  test.equal(of(26), '10.1.0.0/26');
  test.equal(of(26, '10.1.0.0/26'), '10.1.0.64/26', 'beside the first, and not at the next free /24');
  test.equal(of(25, '10.1.0.0/26'), '10.1.0.128/25');
  test.equal(of(26, '10.1.0.0/26', '10.1.0.128/25', '10.1.4.0/25'), '10.1.0.64/26');
  test.equal(of(26, '10.1.0.0/24', '10.1.4.0/25'), '10.1.4.128/26', 'a torn /24 further up, and not the whole one');
  test.equal(of(28), '10.2.0.0/28', 'a pool of such blocks comes first');
  test.equal(of(28, '10.2.0.0/24'), '10.1.0.0/28', 'and the others after it');
  test.equal(of(20, '10.1.0.0/24'), '10.1.16.0/20', 'also for a shorter length than the blocks have');
  test.equal(of(16, '10.1.7.0/24'), undefined);
  test.equal(of(15), undefined);
  test.equal(of(33), undefined);
  test.equal(showFree(pools, { family: 6, prefixBits: 56 }, setOf([cidr('fd01::/64')])), 'fd01:0:0:100::/56');
});

void t.test('a block of any length is found where an aligned one is free', async (test) => {
  test.doesNotThrow(() =>
    fc.assert(
      fc.property(poolCase, fc.integer({ min: 0, max: 8 }), ({ pools, used }, more) => {
        const family = pools[0]?.base.family ?? 4;
        const prefixBits = bitsOf(family) - 8 + more;
        const found = findFreeBlock(poolsFor(pools, { family, prefixBits }), setOf(used.flat()));
        const exists = walkPools(
          pools.filter(({ base }) => base.prefixBits <= prefixBits).map(({ base }) => ({ base, prefixBits })),
          used.flat(),
        );
        assert.equal(found === undefined, exists === undefined);
        if (found === undefined) return;
        assert.ok(pools.some(({ base }) => overlaps(base, found) && base.prefixBits <= found.prefixBits));
        assert.ok(!used.flat().some((member) => overlaps(member, found)));
        assert.equal(found.prefixBits, prefixBits);
      }),
      { numRuns: 500 },
    ),
  );
});

void t.test('free blocks are listed in order, lazily', async (test) => {
  const taken = setOf(['10.1.0.64/26', '10.1.0.200/32'].map(cidr));
  test.same([...freeBlocks(cidr('10.1.0.0/24'), 26, taken)].map(formatCidr), ['10.1.0.0/26', '10.1.0.128/26']);
  test.same([...freeBlocks(cidr('10.1.0.0/24'), 23, taken)], []);
  const [first, second] = freeBlocks(cidr('fd00::/8'), 64, setOf([cidr('fd00::/64')]));
  test.same([first, second], [cidr('fd00:0:0:1::/64'), cidr('fd00:0:0:2::/64')]);
});

void t.test('a random unique local /64', async (test) => {
  test.same(
    randomUla((n) => Uint8Array.from({ length: n }, (_, i) => i + 1), PrefixSet.empty),
    cidr('fd01:203:405:607::/64'),
  );
  for (let i = 0; i < 100; i++) {
    const subnet = randomUla(randomBytes, PrefixSet.empty);
    test.ok(subnet && subnet.prefixBits === 64 && contains(cidr('fd00::/8'), { family: 6, value: subnet.base }));
  }
});

void t.test('a used /64 is drawn again', async (test) => {
  let draws = 0;
  const counting = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (i === n - 1 ? draws++ : 0));
  const taken = setOf(['fd00::/64', 'fd00:0:0:2::/63', 'fd00:0:0:1::1/128'].map(cidr));
  test.same(randomUla(counting, taken), cidr('fd00:0:0:4::/64'));
  test.equal(draws, 5);
});

void t.test('a random prefix has the length that is asked for', async (test) => {
  const ones = (n: number): Uint8Array => new Uint8Array(n).fill(255);
  test.same(randomUla(ones, PrefixSet.empty, 48), cidr('fdff:ffff:ffff::/48'));
  test.same(randomUla(ones, PrefixSet.empty, 126), cidr('fdff:ffff:ffff:ffff::/126'));
});

/** The other half of the prefix that is one bit shorter. */
function siblingOf({ family, base, prefixBits }: Cidr): Cidr {
  return makeCidr({ family, value: base ^ (1n << BigInt(bitsOf(family) - prefixBits)) }, prefixBits);
}

void t.test('the search for a free /64 ends after 10 000 draws', async (test) => {
  let draws = 0;
  const counting = (n: number): Uint8Array => {
    draws++;
    return randomBytes(n);
  };
  // One /64 is free, and no draw hits it.
  const free = cidr('fd12:3456:789a:bcde::/64');
  let taken = PrefixSet.empty;
  for (let bits = 9; bits <= 64; bits += 1) taken = taken.add(siblingOf(makeCidr(networkAddress(free), bits)));
  test.equal(randomUla(counting, taken), undefined);
  test.equal(draws, 10_000);
  test.equal(randomUla(counting, setOf([cidr('fc00::/7')])), undefined);
  test.equal(draws, 10_000, 'without a free one podnetd draws none');
});
