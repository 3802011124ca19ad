import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { formatCidr, overlaps } from '../../src/ip/cidr.js';
import { cidr } from '../support/addresses.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { reload } from '../support/reload.js';
import { runMap } from '../map/run-map.js';

/** Hosts that have a number of their fleet and no store. */

const pools = `pools = [
  { base = "10.212.0.0/16", block = 22, size = 24 },
  { base = "fd12:3456:789a::/56", block = 60, size = 64 },
]
`;

const ofHost = (index: number) => `[fleet]\n${pools}host_index = ${index}\n`;

async function startHost(t: Test, index: number): Promise<TestDaemon> {
  return await startDaemon(t, { podnetdToml: ofHost(index) });
}

const mask = (bits: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(2 ** 32 - 2 ** (32 - bits));
  return bytes.toString('base64');
};

const [addressOf, bitsOf] = [
  (subnet: string) => subnet.split('/')[0] ?? '',
  (subnet: string) => Number(subnet.split('/')[1]),
];

/** A create in each dialect; without a subnet podnetd chooses one. */
const dialects = {
  compat: (name: string, subnet?: string) => ({
    url: '/v1.44/networks/create',
    body: {
      Name: name,
      Options: { 'podnetd.allow_reserved': 'true' },
      ...(subnet !== undefined && { IPAM: { Config: [{ Subnet: subnet }] } }),
    },
  }),
  'libpod-v3': (name: string, subnet?: string) => ({
    url: `/v3.2.0/libpod/networks/create?name=${name}`,
    body: subnet === undefined ? {} : { Subnet: { IP: addressOf(subnet), Mask: mask(bitsOf(subnet)) } },
  }),
  'libpod-v4': (name: string, subnet?: string) => ({
    url: '/v5.4.2/libpod/networks/create',
    body: { name, ...(subnet !== undefined && { subnets: [{ subnet }] }) },
  }),
};

/** The prefixes of all networks of a host, by its files. */
function subnetsOf({ folder }: TestDaemon): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.conflist'))
    .flatMap((file) => [...readFileSync(path.join(folder, file), 'utf8').matchAll(/"subnet": "([^"]+)"/g)])
    .map(([, subnet = '']) => subnet);
}

t.test('two hosts share no subnet, in any dialect, whatever their clients name', async (t) => {
  const [one, two] = [await startHost(t, 1), await startHost(t, 2)];
  const hosts = [
    { host: one, own: '10.212.4.0', other: '10.212.8.0', outside: '192.168.21' },
    { host: two, own: '10.212.8.0', other: '10.212.4.0', outside: '192.168.22' },
  ];
  for (const [index, [dialect, create]] of Object.entries(dialects).entries()) {
    for (const { host, own, other, outside } of hosts) {
      const send = async (name: string, subnet?: string) => {
        const { url, body } = create(`${dialect}-${name}`, subnet);
        return await host.ask('POST', url, body);
      };
      const refuse = async (subnet: string) => {
        const before = subnetsOf(host);
        const { status, json } = await send('refused', subnet);
        t.same(subnetsOf(host), before, 'a refusal changes nothing');
        return { status, message: (json() as { message: string }).message };
      };
      t.ok((await send('any')).status < 300, dialect);
      t.ok((await send('outside', `${outside}.${index * 8}/29`)).status < 300, 'outside of the pools');
      const inUse = (await send('used', `${own}/24`)).status;
      for (const subnet of [`${other}/24`, `${other}/22`, '10.212.16.0/20']) {
        const { status, message } = await refuse(subnet);
        t.equal(status, inUse, `${dialect} ${subnet}: as a subnet in use`);
        t.equal(
          message.replace(/ +\(.*$/, ''),
          `subnet ${subnet} is outside of this host's blocks: in the fleet's pool 10.212.0.0/16 it has ${own}/22, by host_index ${host === one ? 1 : 2}`,
        );
      }
      t.match(await refuse('10.212.128.0/17'), {
        status: inUse,
        message: /overlaps more than 16 blocks of \/22 of the fleet's pool 10\.212\.0\.0\/16/,
      });
      t.match(await refuse('0.0.0.0/21'), {
        message: /larger than any block of the fleet: the largest, those of 10\.212\.0\.0\/16, have 22 bits/,
      });
    }
  }
  t.ok((await one.ask('POST', '/v1.44/networks/create', { Name: 'six', EnableIPv6: true })).status < 300);
  const alone = { Name: 'six', EnableIPv6: true, EnableIPv4: false };
  t.ok((await two.ask('POST', '/v1.44/networks/create', alone)).status < 300);
  t.ok(subnetsOf(one).includes('fd12:3456:789a:10::/64'));
  t.ok(subnetsOf(two).includes('fd12:3456:789a:20::/64'));
  const [ofOne, ofTwo] = [subnetsOf(one).map(cidr), subnetsOf(two).map(cidr)];
  t.equal(ofOne.length, 8);
  for (const a of ofOne)
    t.notOk(
      ofTwo.some((b) => overlaps(a, b)),
      formatCidr(a),
    );
});

t.test('own blocks are the pools that clients see', async (t) => {
  const host = await startHost(t, 3);
  t.match((await host.ask('GET', '/v1.44/info')).json(), {
    DefaultAddressPools: [
      { Base: '10.212.12.0/22', Size: 24 },
      { Base: 'fd12:3456:789a:30::/60', Size: 64 },
    ],
  });
  t.match((await host.ask('GET', '/podnetd/v1/pools')).json(), {
    pools: [
      { base: '10.212.12.0/22', size: 24, blocks: { total: 4, free: 4 } },
      { base: 'fd12:3456:789a:30::/60', size: 64, blocks: { total: 16 } },
    ],
  });
  t.match((await host.ask('GET', '/podnetd/v1/pools/free?prefix=24')).json(), {
    count: 4,
    prefixes: ['10.212.12.0/24', '10.212.13.0/24', '10.212.14.0/24', '10.212.15.0/24'],
  });
  const map = runMap(['--json', '--socket', `unix://${host.socket}`]);
  t.match(JSON.parse(map.stdout), { pools: [{ base: '10.212.12.0/22' }, { base: 'fd12:3456:789a:30::/60' }] });
});

t.test('a plan and a preview refuse as the create does, and the plan says why', async (t) => {
  const host = await startHost(t, 1);
  const body = { name: 'lab', subnets: [{ subnet: '10.212.8.0/24' }] };
  const plan = await host.ask('POST', '/podnetd/v1/networks/plan', body);
  const create = await host.ask('POST', '/v5.4.2/libpod/networks/create', body);
  const preview = await host.ask('POST', '/v5.4.2/libpod/networks/create?dryRun=true', body);
  t.same(preview.json(), create.json());
  t.equal(plan.status, create.status);
  t.match(plan.json(), {
    remedy: "choose a part of this host's blocks or a subnet outside of the fleet's pools, or leave it out",
    explanation: [{ requested: '10.212.8.0/24', passed_over: [{ kind: 'fleet', prefix: '10.212.0.0/16' }] }],
  });
  const free = await host.ask('POST', '/podnetd/v1/networks/plan', { name: 'lab' });
  t.match(free.json(), { explanation: [{ subnet: '10.212.4.0/24', pool: { base: '10.212.4.0/22', size: 24 } }] });
});

t.test('an update takes no subnet of another host', async (t) => {
  const host = await startHost(t, 1);
  const patch = async (...subnets: readonly string[]) =>
    await host.ask(
      'PATCH',
      '/podnetd/v1/networks/web',
      { subnets: subnets.map((subnet) => ({ subnet })) },
      { 'content-type': 'application/merge-patch+json' },
    );
  await host.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web' });
  const refused = await patch('10.212.4.0/24', 'fd12:3456:789a:20::/64');
  t.equal(refused.status, 409);
  t.match(refused.json(), {
    message: /in the fleet's pool fd12:3456:789a::\/56 it has fd12:3456:789a:10::\/60/,
  });
  t.equal((await patch('10.212.4.0/24', 'fd12:3456:789a:11::/64')).status, 200);
});

t.test('full blocks: the error names them, the pool and the remedy', async (t) => {
  const host = await startHost(t, 1);
  const create = async (name: string) => await host.ask('POST', '/v5.4.2/libpod/networks/create', { name });
  for (const name of ['a', 'b', 'c', 'd']) t.equal((await create(name)).status, 200);
  const full = await host.ask('POST', '/podnetd/v1/networks/plan', { name: 'e' });
  t.match(full.json(), {
    message:
      /all in use in 10\.212\.4\.0\/22 \(4 of size \/24\);.*; this host takes subnets from its own blocks of the fleet's pool 10\.212\.0\.0\/16 alone, by host_index 1$/,
    remedy:
      "prune networks, name a subnet outside of the fleet's pools, or write longer subnets (size) or a further pool into [fleet] of podnetd.toml",
  });
  t.match((await create('e')).json(), { message: /by host_index 1/ });
});

t.test('a reload puts another number in force, and leaves networks where they are', async (t) => {
  const host = await startHost(t, 1);
  const create = async (name: string) => (await host.ask('POST', '/v5.4.2/libpod/networks/create', { name })).json();
  t.match(await create('a'), { subnets: [{ subnet: '10.212.4.0/24' }] });
  t.match(await reload(host, ofHost(2)), { changed: ['fleet-host-index'] });
  t.match(await create('b'), { subnets: [{ subnet: '10.212.8.0/24' }] });
  t.same(subnetsOf(host), ['10.212.4.0/24', '10.212.8.0/24']);
  const withStore = await reload(host, `[fleet]\n${pools}endpoints = ["https://e"]\nhost = "h"\n`);
  t.match(withStore, { waitForRestart: ['fleet-host-index', 'fleet-endpoints'] });
  t.match(await create('c'), { subnets: [{ subnet: '10.212.9.0/24' }] }, 'the former blocks stay in force');
});
