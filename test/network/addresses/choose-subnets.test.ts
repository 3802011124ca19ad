import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import type { WantedPrefix } from '../../../src/ip/allocate.js';
import { bitsOf, covers, formatCidr, makeCidr, overlaps } from '../../../src/ip/cidr.js';
import { findOverlapping } from '../../../src/ip/overlaps.js';
import type { SubnetPool } from '../../../src/ip/pools.js';
import type { Cidr, Family } from '../../../src/model/address.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { chooseSubnets } from '../../../src/network/addresses/choose-subnets.js';
import type { TakenPrefixes } from '../../../src/network/addresses/claims.js';
import { cidr } from '../../support/addresses.js';
import { rounds } from '../../support/rounds.js';
import { makeSettings } from '../../support/settings.js';
import { setOf, takePrefixes } from '../../support/taken.js';

const pools: readonly SubnetPool[] = [
  { base: cidr('10.0.0.0/25'), prefixBits: 28 },
  { base: cidr('10.0.2.0/26'), prefixBits: 27 },
  { base: cidr('fd00::/121'), prefixBits: 124 },
  { base: cidr('fd00::200/122'), prefixBits: 123 },
];

/** A prefix in or over a pool of a family. */
function prefixIn(family: Family): fc.Arbitrary<Cidr> {
  const bits = bitsOf(family);
  const bases = pools.filter(({ base }) => base.family === family).map(({ base }) => base.base);
  return fc
    .tuple(fc.constantFrom(...bases), fc.bigInt(0n, 127n), fc.integer({ min: bits - 6, max: bits }))
    .map(([base, offset, prefixBits]) => makeCidr({ family, value: base + offset }, prefixBits));
}

const scene = fc.constantFrom(4 as const, 6 as const).chain((family) => {
  const bits = bitsOf(family);
  const sizes = fc.array(fc.integer({ min: bits - 6, max: bits - 2 }), { minLength: 1, maxLength: 3 });
  return fc.record({
    family: fc.constant(family),
    reserved: fc.array(prefixIn(family), { maxLength: 2 }),
    routes: fc.array(prefixIn(family), { maxLength: 3 }),
    dnsServers: fc.array(prefixIn(family), { maxLength: 1 }),
    /** The sizes of a create, none for one without a size; or the place of the networks to remove. */
    steps: fc.array(fc.oneof(sizes, fc.constant([]), fc.nat(30)), { minLength: 10, maxLength: 40, size: 'max' }),
  });
});

/** Whether some choice of aligned free blocks has every size: tries each block of each pool for the first, and so on. */
function canServe(sizes: readonly number[], family: Family, taken: readonly Cidr[]): boolean {
  const [prefixBits, ...rest] = sizes;
  if (prefixBits === undefined) return true;
  return allBlocks(family, prefixBits).some((block) => {
    return !taken.some((other) => overlaps(other, block)) && canServe(rest, family, [...taken, block]);
  });
}

function allBlocks(family: Family, prefixBits: number): readonly Cidr[] {
  return pools.flatMap(({ base }) => {
    if (base.family !== family || base.prefixBits > prefixBits) return [];
    const count = 1 << (prefixBits - base.prefixBits);
    const step = 1n << BigInt(bitsOf(family) - prefixBits);
    return Array.from({ length: count }, (_, at) =>
      makeCidr({ family, value: base.base + BigInt(at) * step }, prefixBits),
    );
  });
}

// Sizes of one request are found together, after whatever was made and removed before.
t.test('no request fails that a perfect search would serve', async () => {
  fc.assert(
    fc.property(scene, ({ family, reserved, routes, dnsServers, steps }) => {
      const settings = makeSettings({
        subnetPools: pools,
        reserved: reserved.map((prefix) => ({ prefix, reason: 'ours' })),
      });
      const networks: (readonly Cidr[])[] = [];
      for (const step of steps) {
        if (typeof step === 'number') {
          networks.splice(step, 1);
          continue;
        }
        const taken = take(networks.flat(), routes, dnsServers);
        const wanted: readonly WantedPrefix[] =
          step.length === 0 ? [{ family, prefixBits: undefined }] : step.map((prefixBits) => ({ family, prefixBits }));
        const hard = [...networks.flat(), ...reserved];
        const chosen = choose(wanted, taken, settings);
        if (chosen === undefined) {
          if (step.length > 0) assert.ok(!canServe(step, family, hard), `${step.join()} can be had`);
          else assert.ok(!ownBlocks(family).some((block) => isFree(block, hard)));
          continue;
        }
        check(chosen, wanted, hard, [...routes, ...dnsServers]);
        networks.push(chosen);
      }
    }),
    { numRuns: rounds(150, 3_000) },
  );
});

const bothFamilies = fc.record({
  used: fc.array(fc.oneof(prefixIn(4), prefixIn(6)), { maxLength: 12 }),
  reserved: fc.array(fc.oneof(prefixIn(4), prefixIn(6)), { maxLength: 3 }),
  routes: fc.array(fc.oneof(prefixIn(4), prefixIn(6)), { maxLength: 3 }),
  /** Sizes below the length of an address: a family, and how many bits of it are for hosts. */
  sizes: fc.array(fc.tuple(fc.constantFrom<Family>(4, 6), fc.integer({ min: 2, max: 6 })), {
    minLength: 2,
    maxLength: 4,
  }),
});

t.test('a request of two families gets all of its subnets, or none where a family has too few', async () => {
  const outcomes = { served: 0, refused: 0 };
  fc.assert(
    fc.property(bothFamilies, ({ used, reserved, routes, sizes }) => {
      const settings = makeSettings({
        subnetPools: pools,
        reserved: reserved.map((prefix) => ({ prefix, reason: 'ours' })),
      });
      const wanted = sizes.map(([family, hostBits]) => ({ family, prefixBits: bitsOf(family) - hostBits }));
      const hard = [...used, ...reserved];
      const chosen = choose(wanted, take(used, routes, []), settings);
      const sizesOf = (family: Family) => wanted.filter((one) => one.family === family).map((one) => one.prefixBits);
      const canBeHad = canServe(sizesOf(4), 4, hard) && canServe(sizesOf(6), 6, hard);
      assert.equal(chosen !== undefined, canBeHad);
      outcomes[canBeHad ? 'served' : 'refused'] += 1;
      if (chosen === undefined) return;
      check(chosen, wanted, hard, routes);
      assert.deepEqual(
        chosen.map(({ family }) => family),
        wanted.map(({ family }) => family),
        'in the order of the request',
      );
    }),
    { numRuns: rounds(300, 5_000) },
  );
  assert.ok(outcomes.served > 20 && outcomes.refused > 20, JSON.stringify(outcomes));
});

function take(used: readonly Cidr[], routes: readonly Cidr[], dnsServers: readonly Cidr[]): TakenPrefixes {
  const { host, ...taken } = takePrefixes({});
  return {
    ...taken,
    used: setOf(used),
    routed: setOf(used),
    host: { ...host, routes: setOf(routes), dnsServers: setOf(dnsServers) },
  };
}

function choose(
  ...[wanted, taken, settings]: [readonly WantedPrefix[], TakenPrefixes, ReturnType<typeof makeSettings>]
) {
  try {
    return chooseSubnets(wanted, [], taken, settings).cidrs;
  } catch (error) {
    if (error instanceof NetworkError && error.code === 'subnetsExhausted') return undefined;
    throw error;
  }
}

function ownBlocks(family: Family): readonly Cidr[] {
  const ofFamily = pools.filter(({ base }) => base.family === family);
  return ofFamily.flatMap(({ base, prefixBits }) =>
    allBlocks(family, prefixBits).filter((block) => covers(base, block)),
  );
}

function isFree(block: Cidr, taken: readonly Cidr[]): boolean {
  return !taken.some((other) => overlaps(other, block));
}

function check(chosen: readonly Cidr[], wanted: readonly WantedPrefix[], hard: readonly Cidr[], soft: readonly Cidr[]) {
  assert.equal(chosen.length, wanted.length);
  assert.equal(findOverlapping(chosen), undefined);
  for (const [index, block] of chosen.entries()) {
    const prefixBits = wanted[index]?.prefixBits;
    assert.ok(isFree(block, hard), `${formatCidr(block)} is taken`);
    assert.ok(pools.some(({ base }) => covers(base, block)));
    if (prefixBits !== undefined) assert.equal(block.prefixBits, prefixBits);
    if (wanted.length > 1 || isFree(block, soft)) continue;
    const others = prefixBits === undefined ? ownBlocks(block.family) : allBlocks(block.family, prefixBits);
    assert.ok(!others.some((other) => isFree(other, [...hard, ...soft])), `${formatCidr(block)} is to be avoided`);
  }
}

t.test('a size goes where it tears least, and blocks of the pool go lowest first', async (t) => {
  const settings = makeSettings({ subnetPools: [{ base: cidr('10.0.0.0/16'), prefixBits: 24 }] });
  let used: readonly Cidr[] = [];
  const create = (prefixBits: number | undefined) => {
    const { cidrs } = chooseSubnets([{ family: 4, prefixBits }], [], take(used, [], []), settings);
    used = [...used, ...cidrs];
    return cidrs.map(formatCidr).join();
  };
  t.same([26, undefined, 28, 22, 26, undefined, 28, 25].map(create), [
    '10.0.0.0/26',
    '10.0.1.0/24',
    '10.0.0.64/28',
    '10.0.4.0/22',
    '10.0.0.128/26',
    '10.0.2.0/24',
    '10.0.0.80/28',
    '10.0.3.0/25',
  ]);
});

t.test('switches let routes and DNS servers be given', async (t) => {
  const subnetPools = [{ base: cidr('10.0.0.0/22'), prefixBits: 24 }];
  const taken = takePrefixes({ routes: { '10.0.0.0/24': 'tun0' }, dnsServers: ['10.0.1.53/32'] });
  const first = (given: object) => {
    const { cidrs, warnings } = chooseSubnets(
      [{ family: 4, prefixBits: undefined }],
      [],
      taken,
      makeSettings({ subnetPools, ...given }),
    );
    t.same(warnings, []);
    return cidrs.map(formatCidr).join();
  };
  t.equal(first({}), '10.0.2.0/24');
  t.equal(first({ avoidRoutes: false }), '10.0.0.0/24');
  t.equal(first({ avoidDnsServers: false }), '10.0.1.0/24');
});
