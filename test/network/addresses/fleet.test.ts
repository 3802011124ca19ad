import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { cutByIndex, poolsOfBlocks } from '../../../src/ip/blocks.js';
import { formatCidr, makeCidr, overlaps } from '../../../src/ip/cidr.js';
import type { Cidr, PrefixSize } from '../../../src/model/address.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import type { FleetPool } from '../../../src/model/fleet.js';
import type { Subnet } from '../../../src/model/network.js';
import { planSubnets, type SubnetsAsking } from '../../../src/network/create/plan-subnets.js';
import type { NetworkSettings } from '../../../src/network/dependencies/settings.js';
import { cidr } from '../../support/addresses.js';
import { rounds } from '../../support/rounds.js';
import { makeSettings } from '../../support/settings.js';
import { takePrefixes } from '../../support/taken.js';

const pools: readonly FleetPool[] = [
  { base: cidr('10.64.0.0/16'), blockBits: 20, prefixBits: 24 },
  { base: cidr('fd12::/56'), blockBits: 60, prefixBits: 64 },
];

function inFleet(own: readonly Cidr[], hostIndex?: number, given = pools): NetworkSettings {
  return makeSettings({ subnetPools: poolsOfBlocks(given, own), fleet: { pools: given, own, hostIndex } });
}

function asking(...subnets: readonly (string | PrefixSize)[]): SubnetsAsking {
  return {
    subnets: subnets.map((one) => (typeof one === 'string' ? named(cidr(one)) : one)),
    driver: 'bridge',
    ipamDriver: 'host-local',
    internal: false,
    ipv4Enabled: true,
    ipv6Enabled: false,
    allowReserved: true,
  };
}

function named(prefix: Cidr): Subnet {
  return { cidr: prefix, gateway: undefined, leaseStart: undefined, leaseEnd: undefined, reserved: new Map() };
}

/** The subnets of a request, or the error that refuses it. */
function plan(request: SubnetsAsking, settings: NetworkSettings, networks: readonly string[] = []) {
  try {
    return planSubnets(request, takePrefixes({ networks: { web: networks } }), settings).subnets.map((subnet) =>
      formatCidr(subnet.cidr),
    );
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return { code: error.code, message: error.message, remedy: error.remedy, details: error.details };
  }
}

t.test('subnets come from own blocks alone, the lowest first', async (t) => {
  const settings = inFleet([cidr('10.64.48.0/20'), cidr('10.64.16.0/20'), cidr('fd12:0:0:10::/60')]);
  t.strictSame(plan({ ...asking(), ipv6Enabled: true }, settings), ['10.64.16.0/24', 'fd12:0:0:10::/64']);
  t.strictSame(plan(asking(), settings, ['10.64.16.0/20']), ['10.64.48.0/24']);
  t.strictSame(plan(asking({ family: 4, prefixBits: 20 }), settings, ['10.64.16.0/24']), ['10.64.48.0/20']);
});

t.test('a subnet by hand', async (t) => {
  const own = ['10.64.16.0/20', '10.64.32.0/20'].map(cidr);
  const settings = inFleet(own);
  for (const inside of ['10.64.17.0/24', '10.64.16.0/20', '10.64.24.0/21', '192.168.7.0/24', 'fd99::/64'])
    t.strictSame(plan(asking(inside), settings), [inside]);
  t.strictSame(plan(asking('10.64.32.0/20'), settings), ['10.64.32.0/20']);
  const both = inFleet(['10.64.32.0/20', '10.64.48.0/20'].map(cidr));
  t.strictSame(plan(asking('10.64.32.0/19'), both), ['10.64.32.0/19'], 'several own blocks cover it');
  for (const driver of ['bridge', 'macvlan', 'ipvlan'] as const)
    for (const outside of ['10.64.64.0/24', '10.64.16.0/19', 'fd12::/64'])
      t.match(plan({ ...asking(outside), driver }, settings), { code: 'fleetBlockNeeded' }, `${driver} ${outside}`);
  t.match(plan(asking('10.64.64.0/24'), settings), {
    message:
      "subnet 10.64.64.0/24 is outside of this host's blocks: in the fleet's pool 10.64.0.0/16 it has 10.64.16.0/20, 10.64.32.0/20",
    remedy: "choose a part of this host's blocks or a subnet outside of the fleet's pools, or leave it out",
  });
  t.match(plan(asking('10.64.64.0/24'), inFleet([cidr('10.64.112.0/20')], 7)), {
    message: /it has 10\.64\.112\.0\/20, by host_index 7$/,
  });
  t.match(plan(asking('10.64.64.0/24'), inFleet([])), { message: /it has no block$/ });
  t.match(
    plan(asking('10.64.64.0/24'), settings, ['10.64.64.0/25']),
    { code: 'subnetUsedByNetwork' },
    'no block helps',
  );
});

t.test('a subnet by hand over more than 16 blocks', async (t) => {
  const wide: readonly FleetPool[] = [{ base: cidr('10.64.0.0/10'), blockBits: 20, prefixBits: 24 }];
  t.match(plan(asking('10.64.0.0/16'), inFleet([], undefined, wide)), { code: 'fleetBlockNeeded' });
  for (const text of ['10.64.0.0/15', '10.0.0.0/8'])
    t.match(plan(asking(text), inFleet([], undefined, wide)), { code: 'fleetSubnetTooWide' }, text);
});

t.test('a size that no block has', async (t) => {
  const settings = inFleet([cidr('10.64.16.0/20')]);
  t.match(plan(asking({ family: 4, prefixBits: 19 }), settings), {
    code: 'sizeBeyondBlocks',
    message:
      'subnet 0.0.0.0/19 asks for a prefix that is larger than any block of the fleet: the largest, those of 10.64.0.0/16, have 20 bits, and a host cuts subnets from its own blocks',
  });
  t.match(plan(asking({ family: 6, prefixBits: 59 }), settings), { code: 'sizeBeyondBlocks' });
});

t.test('own blocks that are full, or not there yet', async (t) => {
  const full = plan(asking(), inFleet([cidr('10.64.112.0/20')], 7), ['10.64.112.0/20']);
  t.match(full, {
    code: 'subnetsExhausted',
    message:
      "could not find free subnet from subnet pools: all in use in 10.64.112.0/20 (16 of size /24); by blocks, most is taken by network web (16); this host takes subnets from its own blocks of the fleet's pool 10.64.0.0/16 alone, by host_index 7",
    remedy: /^prune networks, name a subnet outside of the fleet's pools, or write longer subnets/,
  });
  for (const family of [4, 6] as const)
    t.match(plan(asking({ family, prefixBits: family === 4 ? 24 : 64 }), inFleet([])), {
      code: 'subnetsExhausted',
      details: {
        family,
        fleet: { pools: [formatCidr(pools[family === 4 ? 0 : 1]?.base ?? cidr('::/0'))], reason: undefined },
      },
    });
  t.match(
    plan({ ...asking(), ipv6Enabled: true }, makeSettings()),
    ['10.89.0.0/24', 'fd00::/64'],
    'none without a fleet',
  );
});

/** What a host does: a subnet of some size, or one by hand at some place of some pool. */
const step = fc.record({
  pool: fc.nat(),
  size: fc.nat(8),
  byHand: fc.boolean(),
  offset: fc.bigInt(0n, (1n << 64n) - 1n),
});

t.test('no two hosts have an address in common, whatever they are asked for', async () => {
  const anyPools = fc
    .array(
      fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 6 }), fc.nat(4)).map(([at, index, size]): FleetPool => {
        const base = makeCidr({ family: 4, value: (10n << 24n) + (BigInt(at) << 16n) }, 16);
        return { base, blockBits: 16 + index, prefixBits: 16 + index + size };
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((given) => given.filter(({ base }, at) => given.findIndex((other) => other.base.base === base.base) === at));
  fc.assert(
    fc.property(anyPools, fc.array(fc.tuple(fc.nat(), step), { minLength: 10, maxLength: 60 }), (given, steps) => {
      const count = Math.min(...given.map(({ base, blockBits }) => 1 << (blockBits - base.prefixBits)));
      const networks = new Map<number, string[]>();
      for (const [who, { pool: which, size, byHand, offset }] of steps) {
        const host = who % count;
        const pool = given[which % given.length] ?? assert.fail('no pool');
        const own = networks.get(host) ?? [];
        const prefixBits = Math.min(pool.blockBits + size - 1, 30);
        const prefix = makeCidr({ family: 4, value: pool.base.base + (offset & 0xffffn) }, prefixBits);
        const request = byHand ? asking(formatCidr(prefix)) : asking({ family: 4, prefixBits });
        const got = plan(request, inFleet(cutByIndex(given, host), host, given), own);
        if (Array.isArray(got)) networks.set(host, [...own, ...got]);
      }
      const all = [...networks].flatMap(([host, texts]) => texts.map((text) => [host, cidr(text)] as const));
      for (const [at, [, one]] of all.entries())
        for (const [, other] of all.slice(at + 1))
          assert.ok(!overlaps(one, other), `${formatCidr(one)} ${formatCidr(other)}`);
    }),
    { numRuns: rounds(100, 2_000) },
  );
});
