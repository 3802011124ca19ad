import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { makeNetns, removeNetns } from '../support/netns.js';
import { writeLease } from '../support/cache-entry.js';
import { missing } from '../support/tools.js';

/** Who has which addresses of a network, by the leases that the real plugins write. */

const pluginDir = '/usr/lib/cni';
/** Where host-local has its leases, whatever cache folder podnetd is given. */
const dataDir = '/var/lib/cni/networks';
const skip = missing('ip', 'nsenter', 'unshare', `${pluginDir}/bridge`);

interface SubnetBody {
  readonly addresses: { readonly total: number; readonly leased: number; readonly free: number };
  readonly leased: readonly { readonly address: string; readonly since: string; readonly state: string }[];
  readonly unlisted: number;
}

async function look(daemon: TestDaemon, nameAndQuery: string) {
  const [name = '', query = ''] = nameAndQuery.split('?');
  const answer = await daemon.ask('GET', `/podnetd/v1/networks/${name}/addresses?${query}`);
  return answer.json() as { readonly subnets: readonly SubnetBody[] };
}

t.test(
  'leases come with a connect, are dead with their container, and go with the garbage collection',
  { skip },
  async (t) => {
    const host = await makeHost(t);
    const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
    t.not(daemon.cacheDir, path.dirname(dataDir));
    const body = {
      Name: 'web',
      IPAM: { Config: [{ Subnet: '10.77.0.0/28', AuxiliaryAddresses: { router: '10.77.0.14' } }] },
    };
    t.equal((await daemon.ask('POST', '/v1.41/networks/create', body)).status, 201);
    const empty = {
      network: 'web',
      ipam: 'host-local',
      subnets: [
        {
          subnet: '10.77.0.0/28',
          gateway: '10.77.0.1',
          lease_ranges: [{ start_ip: '10.77.0.1', end_ip: '10.77.0.13' }],
          reserved: [{ name: 'router', address: '10.77.0.14' }],
          addresses: { total: 12, leased: 0, free: 12 },
          leased: [],
          unlisted: 0,
        },
      ],
    };
    t.strictSame(await look(daemon, 'web'), empty);
    const boxes = [makeNetns(t, false), makeNetns(t)] as const;
    for (const [index, box] of boxes.entries()) {
      const connected = await daemon.ask('POST', '/podnetd/v1/networks/web/connect', {
        container: box.name,
        static_ips: [`10.77.0.${9 - index}`],
      });
      t.equal(connected.status, 200, connected.text);
    }
    const full = await look(daemon, 'web');
    t.match(full.subnets, [
      {
        addresses: { total: 12, leased: 2, free: 10 },
        leased: [
          {
            address: '10.77.0.8',
            container: /^[0-9a-f]{64}$/,
            name: boxes[1].name,
            interface: 'eth0',
            state: 'living',
          },
          { address: '10.77.0.9', name: boxes[0].name, state: 'living' },
        ],
        unlisted: 0,
      },
    ]);
    for (const { address, since } of full.subnets[0]?.leased ?? []) {
      const { stdout } = await host.run('stat', ['-c', '%.3Y', `${dataDir}/web/${address}`]);
      t.equal(Date.parse(since), Number(stdout.trim().replace('.', '')), 'since is the time of the lease file');
    }
    const { id } = (await daemon.ask('GET', '/v5.4.2/libpod/networks/web/json')).json() as { id: string };
    t.strictSame(await look(daemon, id.slice(0, 12)), full, 'the beginning of an id will do');
    t.match(await look(daemon, 'web?limit=1'), {
      subnets: [{ addresses: { leased: 2 }, leased: [{ address: '10.77.0.8' }], unlisted: 1 }],
    });
    t.match(await look(daemon, 'web?limit=0'), { subnets: [{ leased: [], unlisted: 2 }] });

    removeNetns(boxes[0]);
    const half = await look(daemon, 'web');
    t.match(half.subnets, [{ leased: [{ state: 'living' }, { address: '10.77.0.9', state: 'dead' }] }]);
    t.equal((await daemon.ask('POST', '/podnetd/v1/networks/web/gc')).status, 200);
    t.equal((await daemon.ask('POST', '/networks/web/disconnect', { Container: boxes[1].name })).status, 200);
    t.strictSame(await look(daemon, 'web'), empty);
  },
);

t.test('leases that no cache entry has, and those of an earlier subnet', async (t) => {
  const daemon = await startDaemon(t);
  const { leaseDir } = daemon;
  await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', subnets: [{ subnet: '10.77.0.0/24' }] });
  writeLease(leaseDir, 'web', '10.77.0.5', 'c0ffee');
  writeLease(leaseDir, 'web', '10.9.0.5', 'dead00');
  writeFileSync(path.join(leaseDir, 'web', '10.77.0.6'), 'old-host-local');
  t.match(await look(daemon, 'web'), {
    subnets: [
      {
        addresses: { total: 253, leased: 2, free: 251 },
        leased: [
          { address: '10.77.0.5', container: 'c0ffee', interface: 'eth0', state: 'dead' },
          { address: '10.77.0.6', container: 'old-host-local', state: 'dead' },
        ],
      },
    ],
    elsewhere: { leased: [{ address: '10.9.0.5', container: 'dead00', state: 'dead' }], unlisted: 0 },
  });
});

t.test('networks without leases of host-local say why there are none', async (t) => {
  const daemon = await startDaemon(t);
  const write = (name: string, plugin: object) =>
    writeFileSync(
      path.join(daemon.folder, `${name}.conflist`),
      JSON.stringify({ cniVersion: '0.4.0', name, plugins: [plugin] }),
    );
  write('wire', { type: 'macvlan', master: 'eth0', ipam: { type: 'dhcp' } });
  write('bare', { type: 'bridge', bridge: 'br0' });
  write('pool', { type: 'macvlan', master: 'eth0', ipam: { type: 'whereabouts', range: '10.1.0.0/24' } });
  write('line', { type: 'ptp', ipam: { type: 'host-local', ranges: [[{ subnet: '10.77.0.0/29' }]] } });
  write('odd', { type: 'weave-net' });
  t.strictSame(await look(daemon, 'wire'), {
    network: 'wire',
    ipam: 'dhcp',
    subnets: [],
    note: 'a DHCP server leases the addresses, and podnetd does not see its leases',
  });
  t.strictSame(await look(daemon, 'bare'), {
    network: 'bare',
    ipam: 'none',
    subnets: [],
    note: 'the network gives its containers no addresses',
  });
  t.match(await look(daemon, 'pool'), {
    ipam: 'whereabouts',
    subnets: [],
    note: /leases of host-local alone, and not those of whereabouts$/,
  });
  const unread = 'podnetd reads the subnets of bridge, macvlan and ipvlan networks alone';
  writeLease(daemon.leaseDir, 'line', '10.77.0.2', 'c0ffee');
  t.match(await look(daemon, 'line'), {
    subnets: [],
    elsewhere: { leased: [{ address: '10.77.0.2', container: 'c0ffee' }], unlisted: 0 },
    note: unread,
  });
  t.strictSame(await look(daemon, 'odd'), {
    network: 'odd',
    subnets: [],
    note: unread,
  });
  t.strictSame(readdirSync(daemon.folder).length, 5, 'reading wrote nothing');
});
