import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { formatCidr, makeCidr, overlaps } from '../../../src/ip/cidr.js';
import type { SubnetPool } from '../../../src/ip/pools.js';
import type { Cidr } from '../../../src/model/address.js';
import { findFreePrefixes, measurePools } from '../../../src/network/addresses/capacity.js';
import { cidr } from '../../support/addresses.js';
import { makeSettings } from '../../support/settings.js';
import { setOf, takePrefixes, type TakenTexts } from '../../support/taken.js';

function measure(pools: readonly SubnetPool[], given: TakenTexts, reserved: readonly string[] = []) {
  const settings = makeSettings({
    subnetPools: pools,
    reserved: reserved.map((prefix) => ({ prefix: cidr(prefix), reason: 'lab' })),
  });
  return measurePools(takePrefixes(given), settings).map(({ pool, largestFree, next, ...counts }) => ({
    ...counts,
    largestFree: largestFree && formatCidr(largestFree),
    next: next && formatCidr(next),
    pool: formatCidr(pool.base),
  }));
}

t.test('each block counts once, for the first that has a part of it', async (t) => {
  const taken = {
    networks: { web: ['10.1.0.0/26', '10.1.0.64/26'], db: ['10.1.1.0/24'], far: ['10.9.0.0/24'] },
    files: { '/net.d/odd.conf': ['10.1.2.128/30'] },
    // The bridge of db has its prefix too.
    interfaces: { 'cni-podman2': '10.1.1.0/24', eth0: '10.1.6.0/25' },
    routes: { '10.1.4.0/22': 'tun0' },
    dnsServers: ['10.1.15.53/32'],
  };
  t.same(measure([{ base: cidr('10.1.0.0/20'), prefixBits: 24 }], taken, ['10.1.0.0/22', '10.1.5.0/24']), [
    {
      pool: '10.1.0.0/20',
      total: 16n,
      used: 3n,
      reserved: 2n,
      blocked: 4n,
      free: 7n,
      largestFree: '10.1.8.0/22',
      next: '10.1.8.0/24',
    },
  ]);
});

t.test('pools of any size are counted without a look at their blocks', async (t) => {
  const pools = ['fd00::/8', 'fd12:3456:789a::/48', '::/0'].map((base) => ({ base: cidr(base), prefixBits: 64 }));
  const [huge, site, all] = measure(pools, { networks: { a: ['fd12:3456:789a::/64'] } }, ['fd80::/9', 'fd12::/17']);
  t.match(huge, { total: 1n << 56n, used: 1n, reserved: (1n << 55n) + (1n << 47n) - 1n, largestFree: 'fd40::/10' });
  t.match(site, { total: 65_536n, used: 1n, reserved: 65_535n, free: 0n, largestFree: undefined, next: undefined });
  t.match(all, { total: 1n << 64n, used: 1n, next: '::/64' });
});

t.test('a full pool may have room for smaller prefixes', async (t) => {
  const pools = [{ base: cidr('10.1.0.0/23'), prefixBits: 24 }];
  t.match(measure(pools, { networks: { a: ['10.1.0.0/26'], b: ['10.1.1.0/24'] } }), [
    { free: 0n, largestFree: '10.1.0.128/25', next: undefined },
  ]);
});

t.test('free prefixes of a size are listed and counted', async (t) => {
  const subnetPools = [
    { base: cidr('10.1.0.0/24'), prefixBits: 24 },
    { base: cidr('10.2.0.0/24'), prefixBits: 26 },
    { base: cidr('10.2.0.0/23'), prefixBits: 25 },
    { base: cidr('fd00::/8'), prefixBits: 64 },
  ];
  const settings = makeSettings({ subnetPools, reserved: [{ prefix: cidr('10.1.0.0/26'), reason: 'lab' }] });
  const taken = takePrefixes({ networks: { a: ['10.2.0.0/26'] }, routes: { '10.2.1.0/25': 'tun0' } });
  const find = (family: 4 | 6, prefixBits: number, limit: number) => {
    const { count, prefixes } = findFreePrefixes({ family, prefixBits }, limit, taken, settings);
    return { count, prefixes: prefixes.map(formatCidr) };
  };
  t.same(find(4, 26, 7), {
    count: 8n,
    prefixes: [
      '10.2.0.64/26',
      '10.2.0.128/26',
      '10.2.0.192/26',
      '10.1.0.64/26',
      '10.1.0.128/26',
      '10.1.0.192/26',
      '10.2.1.128/26',
    ],
  });
  t.same(find(4, 26, 0), { count: 8n, prefixes: [] });
  t.same(find(4, 22, 9), { count: 0n, prefixes: [] });
  t.same(find(4, 31, 9), { count: 0n, prefixes: [] }, 'host-local leases nothing of these');
  t.same(find(6, 96, 2), { count: 1n << 88n, prefixes: ['fd00::/96', 'fd00::1:0:0/96'] });
});

t.test('counts agree with a walk over all blocks', async () => {
  const pool: SubnetPool = { base: cidr('10.1.0.0/26'), prefixBits: 29 };
  const prefix = fc
    .tuple(fc.bigInt(0n, 63n), fc.integer({ min: 25, max: 32 }))
    .map(([offset, prefixBits]) => makeCidr({ family: 4, value: pool.base.base + offset }, prefixBits));
  const some = fc.array(prefix, { maxLength: 4 });
  fc.assert(
    fc.property(some, some, some, (used, reserved, routes) => {
      const { host, ...rest } = takePrefixes({});
      const taken = { ...rest, used: setOf(used), host: { ...host, routes: setOf(routes) } };
      const settings = makeSettings({
        subnetPools: [pool],
        reserved: reserved.map((p) => ({ prefix: p, reason: '' })),
      });
      const blocks = Array.from({ length: 8 }, (_, at) =>
        makeCidr({ family: 4, value: pool.base.base + BigInt(at) * 8n }, pool.prefixBits),
      );
      const has = (prefixes: readonly Cidr[]) => (block: Cidr) => prefixes.some((other) => overlaps(other, block));
      const unused = blocks.filter((block) => !has(used)(block));
      const unreserved = unused.filter((block) => !has(reserved)(block));
      const free = unreserved.filter((block) => !has(routes)(block));
      const [measured] = measurePools(taken, settings);
      assert.deepEqual(
        [measured?.total, measured?.used, measured?.reserved, measured?.blocked, measured?.free, measured?.next],
        [8, 8 - unused.length, unused.length - unreserved.length, unreserved.length - free.length, free.length]
          .map((count): bigint | Cidr | undefined => BigInt(count))
          .concat(free[0]),
      );
    }),
    { numRuns: 300 },
  );
});
