import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { formatCidr, makeCidr } from '../../../src/ip/cidr.js';
import type { SubnetPool } from '../../../src/ip/pools.js';
import { measurePools } from '../../../src/network/addresses/capacity.js';
import { listTaken } from '../../../src/network/addresses/taken-blocks.js';
import { cidr } from '../../support/addresses.js';
import { makeSettings } from '../../support/settings.js';
import { setOf, takePrefixes } from '../../support/taken.js';

const pool: SubnetPool = { base: cidr('10.1.0.0/26'), prefixBits: 29 };

const prefix = fc
  .tuple(fc.bigInt(0n, 63n), fc.integer({ min: 25, max: 32 }))
  .map(([offset, prefixBits]) => makeCidr({ family: 4, value: pool.base.base + offset }, prefixBits));
const some = fc.array(prefix, { maxLength: 4 });

t.test('the runs of each kind, with the unlisted blocks, add up to the counts of the pool', async () => {
  const given = { used: some, reserved: some, addresses: some, routes: some, dnsServers: some };
  await fc.assert(
    fc.asyncProperty(fc.record(given), fc.integer({ min: 0, max: 9 }), async ({ used, reserved, ...facts }, most) => {
      const { host, ...rest } = takePrefixes({});
      const taken = {
        ...rest,
        used: setOf(used),
        host: {
          ...host,
          addresses: setOf(facts.addresses),
          routes: setOf(facts.routes),
          dnsServers: setOf(facts.dnsServers),
        },
      };
      const settings = makeSettings({
        subnetPools: [pool],
        reserved: reserved.map((p) => ({ prefix: p, reason: 'lab' })),
      });
      const { runs, unlisted } = await listTaken(pool, most, taken, settings);
      const [counts] = measurePools(taken, settings);
      assert.ok(runs.length <= most);
      assert.deepEqual(
        runs.map(({ first }) => first.base),
        runs.map(({ first }) => first.base).toSorted((a, b) => (a < b ? -1 : 1)),
      );
      const listed = (...kinds: readonly string[]) =>
        runs.filter(({ holder }) => kinds.includes(holder.kind)).reduce((sum, { blocks }) => sum + blocks, 0n);
      const found = [listed('network'), listed('reserved'), listed('interface', 'route', 'dns-server')] as const;
      const wanted = [counts?.used ?? 0n, counts?.reserved ?? 0n, counts?.blocked ?? 0n] as const;
      assert.equal(
        found.reduce((sum, one) => sum + one, unlisted),
        wanted.reduce((sum, one) => sum + one, 0n),
      );
      if (unlisted === 0n) assert.deepEqual(found, wanted);
    }),
    { numRuns: 500 },
  );
});

t.test('other work has its turn while many runs are listed', async (t) => {
  const big: SubnetPool = { base: cidr('10.0.0.0/8'), prefixBits: 24 };
  const used = Array.from({ length: 20_000 }, (_, at) =>
    makeCidr({ family: 4, value: big.base.base + BigInt(at * 512) }, 24),
  );
  let isDone = false;
  let turns = 0;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const taken = { ...takePrefixes({}), used: setOf(used), userOf: () => undefined };
  const { runs } = await listTaken(big, 30_000, taken, makeSettings());
  isDone = true;
  t.equal(runs.length, 20_000);
  t.ok(turns > 1, `${turns} turns`);
});

t.test('a run names its holder; an interface in a reserved prefix counts as reserved', async (t) => {
  const taken = takePrefixes({
    networks: { web: ['10.1.0.0/29', '10.1.0.8/29'] },
    interfaces: { 'cni-podman1': '10.1.0.0/29', eth0: '10.1.0.32/29' },
    routes: { '10.1.0.48/28': 'tun0' },
  });
  const settings = makeSettings({ reserved: [{ prefix: cidr('10.1.0.32/28'), reason: 'office' }] });
  const show = async (most: number) => {
    const { runs, unlisted } = await listTaken(pool, most, taken, settings);
    return [
      ...runs.map(({ holder: { kind, name, reason }, first, blocks }) =>
        [kind, name ?? reason, formatCidr(first), blocks].join(' '),
      ),
      unlisted,
    ];
  };
  const all = ['network web 10.1.0.0/29 2', 'reserved office 10.1.0.32/29 2', 'route tun0 10.1.0.48/29 2'];
  t.same(await show(9), [...all, 0n]);
  t.same(await show(1), [all[0], 4n]);
  t.same(await show(0), [6n]);
});

t.test('an answer with every holder is made for no client that may not see the host', async (t) => {
  const taken = takePrefixes({ networks: { lab: ['10.1.0.0/29'] } });
  const sight = { seesNetwork: () => false, seesBridge: () => false, seesHost: false };
  await t.rejects(
    listTaken(pool, 9, { ...taken, sight }, makeSettings({ subnetPools: [pool] })),
    /about the whole host/,
  );
});
