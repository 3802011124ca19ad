import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { knock, serveTcp } from '../support/tcp.js';
import { missing } from '../support/tools.js';
import { checkNothingLeft } from '../support/traces.js';

/** podnetd attaches by any conflist, of any author and with any plugins. */

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', 'ip6tables-save', `${pluginDir}/bridge`);

interface World {
  readonly host: Host;
  readonly daemon: TestDaemon;
}

interface Connected {
  readonly container: string;
  readonly interface: string;
  readonly mac_address?: string;
  readonly subnets: readonly { readonly ipnet: string; readonly gateway?: string }[];
}

async function start(t: Test, ...pluginDirs: readonly string[]): Promise<World> {
  const host = await makeHost(t);
  const args = [...pluginDirs, pluginDir].flatMap((folder) => ['--cni-plugin-dir', folder]);
  return { host, daemon: await startDaemon(t, { netns: host, args }) };
}

async function post(daemon: TestDaemon, url: string, body: object): Promise<unknown> {
  const answer = await daemon.ask('POST', url, body);
  if (answer.status !== 200) throw new Error(answer.text);
  return url.endsWith('disconnect') ? undefined : answer.json();
}

async function connect({ daemon }: World, network: string, { name }: Netns, more: object = {}): Promise<Connected> {
  return (await post(daemon, `/podnetd/v1/networks/${network}/connect`, { container: name, ...more })) as Connected;
}

async function disconnect({ daemon }: World, network: string, { name }: Netns): Promise<void> {
  await post(daemon, `/networks/${network}/disconnect`, { Container: name });
}

const addressOf = ({ subnets }: Connected, index = 0) => subnets[index]?.ipnet.split('/')[0] ?? '';

for (const [driver, kind] of [
  ['macvlan', 'macvlan mode bridge'],
  ['ipvlan', 'ipvlan  mode l2'],
] as const) {
  t.test(`${driver} on a parent link`, { skip }, async (t) => {
    const world = await start(t);
    const { host, daemon } = world;
    const router = makeNetns(t);
    await host.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'router0', 'netns', router.name);
    await router.ip('address', 'add', '10.84.0.1/24', 'dev', 'router0');
    await router.ip('link', 'set', 'router0', 'up');
    await host.ip('link', 'set', 'up0', 'up');
    const subnets = [{ subnet: '10.84.0.0/24' }];
    const body = { name: 'lan', driver, network_interface: 'up0', subnets };
    await post(daemon, '/v5.0.0/libpod/networks/create', body);
    const [one, two] = [makeNetns(t), makeNetns(t)];
    if (!(await hasKind(host, driver))) {
      t.comment(`this kernel has no ${driver}`);
      await t.rejects(connect(world, 'lan', one), /failed to create ipvlan: operation not supported/);
      return await checkNothingLeft(t, host, daemon.cacheDir, ['lan']);
    }
    const mac = driver === 'macvlan' ? { static_mac: '02:00:00:00:00:08' } : {};
    const first = await connect(world, 'lan', one, { static_ips: ['10.84.0.8'], ...mac });
    t.match(first, { interface: 'eth0', subnets: [{ ipnet: '10.84.0.8/24', gateway: '10.84.0.1' }] });
    if (driver === 'macvlan') t.match(await one.ip('link', 'show', 'eth0'), '02:00:00:00:00:08');
    t.match(await one.ip('-details', 'link', 'show', 'eth0'), kind);
    const second = await connect(world, 'lan', two);
    t.equal(await knock(one, '10.84.0.1', 9), 'ECONNREFUSED', 'the router on the wire answers');
    t.equal(await knock(one, addressOf(second), 9), 'ECONNREFUSED', 'the other container answers');
    const { Containers } = (await daemon.ask('GET', '/networks/lan')).json() as { readonly Containers: object };
    t.equal(Object.keys(Containers).length, 2);
    for (const box of [one, two]) await disconnect(world, 'lan', box);
    for (const box of [one, two]) t.notMatch(await box.ip('-brief', 'link'), 'eth0');
    await host.ip('link', 'delete', 'up0');
    await checkNothingLeft(t, host, daemon.cacheDir, ['lan']);
  });
}

/** Whether the kernel has this kind of link. */
async function hasKind(host: Host, kind: string): Promise<boolean> {
  const added = await host.run('ip', ['link', 'add', 'link', 'up0', 'name', 'probe', 'type', kind]);
  if (added.code === 0) await host.ip('link', 'delete', 'probe');
  return added.code === 0;
}

interface Foreign {
  readonly title: string;
  readonly conflist: { readonly name: string } & Readonly<Record<string, unknown>>;
  /** Whether the gateway answers; there may be none. */
  readonly hasGateway: boolean;
  readonly mapsPorts: boolean;
}

const ranges = (...subnets: readonly string[]) => subnets.map((subnet) => [{ subnet }]);

const foreign: readonly Foreign[] = [
  {
    // source: containerd/nerdctl pkg/netutil/netutil_unix.go@v1.7.0, cni_plugin_unix.go
    title: 'of nerdctl',
    conflist: {
      cniVersion: '1.0.0',
      name: 'nerd',
      nerdctlID: '17f29b073143d8cd97b5bbe492bdeffec1c5fee55cc1fe2112c8b9335f8b6121',
      nerdctlLabels: { 'nerdctl/default-network': 'true' },
      plugins: [
        {
          type: 'bridge',
          bridge: 'br-nerd',
          isGateway: true,
          ipMasq: true,
          hairpinMode: true,
          ipam: { ranges: ranges('10.44.0.0/24'), routes: [{ dst: '0.0.0.0/0' }], type: 'host-local' },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
        { type: 'firewall', ingressPolicy: 'same-bridge' },
        { type: 'tuning' },
      ],
    },
    hasGateway: true,
    mapsPorts: true,
  },
  {
    // source: cri-o/cri-o contrib/cni/11-crio-ipv4-bridge.conflist@v1.26.0, with a second family
    title: 'of CRI-O',
    conflist: {
      cniVersion: '1.0.0',
      name: 'crio',
      plugins: [
        {
          type: 'bridge',
          bridge: 'cni0',
          isGateway: true,
          ipMasq: true,
          hairpinMode: true,
          ipam: {
            type: 'host-local',
            routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
            ranges: ranges('10.85.0.0/16', 'fd85::/64'),
          },
        },
      ],
    },
    hasGateway: true,
    mapsPorts: false,
  },
  {
    title: 'of point-to-point links',
    conflist: {
      cniVersion: '0.3.1',
      name: 'points',
      plugins: [
        { type: 'ptp', ipMasq: true, ipam: { type: 'host-local', subnet: '10.45.0.0/24' } },
        { type: 'portmap', capabilities: { portMappings: true }, snat: true },
      ],
    },
    hasGateway: true,
    mapsPorts: true,
  },
  {
    title: 'with static addresses',
    conflist: {
      cniVersion: '0.4.0',
      name: 'static',
      disableCheck: true,
      plugins: [
        {
          type: 'bridge',
          bridge: 'br-static',
          isGateway: true,
          ipam: { type: 'static', addresses: [{ address: '10.46.0.5/24', gateway: '10.46.0.1' }] },
        },
      ],
    },
    hasGateway: true,
    mapsPorts: false,
  },
  {
    title: 'without addresses',
    conflist: { cniVersion: '0.4.0', name: 'layer2', plugins: [{ type: 'bridge', bridge: 'br-layer2' }] },
    hasGateway: false,
    mapsPorts: false,
  },
];

for (const { title, conflist, hasGateway, mapsPorts } of foreign) {
  t.test(`a conflist ${title}`, { skip }, async (t) => {
    const world = await start(t);
    const { host, daemon } = world;
    const { name } = conflist;
    const file = path.join(daemon.folder, `20-${name}.conflist`);
    const text = JSON.stringify(conflist, null, 2);
    writeFileSync(file, text);
    const box = makeNetns(t);
    const ports = mapsPorts ? { port_mappings: [{ host_port: 18_080, container_port: 80 }] } : {};
    const connected = await connect(world, name, box, ports);
    const inside = await box.ip('address', 'show', 'dev', 'eth0');
    t.match(inside, connected.mac_address ?? 'no address');
    t.equal(connected.subnets.length, name === 'crio' ? 2 : hasGateway ? 1 : 0);
    for (const { ipnet, gateway } of connected.subnets) {
      t.match(inside, ` ${ipnet.replace(/\/.*/, '')}`);
      t.equal(await knock(box, gateway ?? '', 9), 'ECONNREFUSED', `${gateway} answers`);
    }
    if (mapsPorts) {
      await serveTcp(t, box, 80);
      t.equal(await knock(host, connected.subnets[0]?.gateway ?? '', 18_080), 'port 80');
    }
    await disconnect(world, name, box);
    t.notMatch(await box.ip('-brief', 'link'), 'eth0');
    await checkNothingLeft(t, host, daemon.cacheDir, [name]);
    t.equal(readFileSync(file, 'utf8'), text, 'the file is unchanged');
  });
}

t.test('a chain that only brings up the loopback', { skip }, async (t) => {
  const world = await start(t);
  const plugins = [{ type: 'loopback' }];
  writeFileSync(
    path.join(world.daemon.folder, '99-loopback.conf'),
    JSON.stringify({ cniVersion: '0.4.0', name: 'single', type: 'loopback' }),
  );
  writeFileSync(
    path.join(world.daemon.folder, '99-loopback.conflist'),
    JSON.stringify({ cniVersion: '0.4.0', name: 'lo', plugins }),
  );
  const box = makeNetns(t);
  await box.ip('link', 'set', 'lo', 'down');
  await connect(world, 'lo', box);
  t.match(await box.ip('link', 'show', 'lo'), 'LOOPBACK,UP');
  await disconnect(world, 'lo', box);
  await checkNothingLeft(t, world.host, world.daemon.cacheDir, []);
});

interface Stuck {
  readonly title: string;
  /** Pattern of the reason for which both the ADD and the DEL of the first plugin fail. */
  readonly cause: string;
  setUp(world: World): Promise<unknown>;
}

const stuck: readonly Stuck[] = [
  {
    title: 'without a daemon of DHCP',
    cause: 'dhcp\\.sock',
    setUp: async ({ daemon }) => {
      const body = { name: 'lan', driver: 'bridge', network_interface: 'br-lan', ipam_options: { driver: 'dhcp' } };
      const { headers } = await daemon.ask('POST', '/v5.0.0/libpod/networks/create', body);
      return headers['warning'];
    },
  },
  {
    title: 'on a parent that has gone',
    cause: 'Link not found',
    setUp: async ({ daemon, host }) => {
      await host.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
      const subnets = [{ subnet: '10.84.0.0/24' }];
      const body = { name: 'lan', driver: 'macvlan', network_interface: 'up0', subnets };
      await post(daemon, '/v5.0.0/libpod/networks/create', body);
      await host.ip('link', 'delete', 'up0');
      return undefined;
    },
  },
];

for (const { title, cause, setUp } of stuck) {
  t.test(
    `an attachment that cannot be undone is reported, shown, and forgotten by force: ${title}`,
    { skip },
    async (t) => {
      const world = await start(t);
      const { daemon, host } = world;
      const warning = await setUp(world);
      if (title.includes('DHCP'))
        t.match(warning, /299 podnetd "network lan needs the daemon of the dhcp plugin, .*br-lan/);
      else t.equal(warning, undefined);
      const box = makeNetns(t);
      const ask = async (method: string, url: string, body?: object) => {
        const answer = await daemon.ask(method, url, body);
        return [answer.status, answer.text] as const;
      };
      const remedy = `container ${box.name} keeps network lan in use until force forgets it: docker network disconnect --force lan ${box.name}`;
      const failed = new RegExp(
        String.raw`plugin type=.+ failed \(add\): .*${cause}.*; what was begun cannot be undone: plugin type=.+ failed \(delete\): .*${cause}.*; ${remedy}`,
      );
      const still = new RegExp(
        String.raw`"what was begun cannot be undone: plugin type=.+ failed \(delete\).*${cause}.*; ${remedy}`,
      );
      const container = { container: box.name };
      t.match(await ask('POST', '/podnetd/v1/networks/lan/connect', container), [500, failed]);
      t.notMatch(await box.ip('-brief', 'link'), 'eth0', 'podnetd undid as much as it could');
      const logged = daemon
        .log()
        .filter(({ err }) => (err as { code?: string } | undefined)?.code === 'attachmentStuck');
      t.match(logged, [{ err: { message: failed } }]);

      const shown = (await daemon.ask('GET', '/networks/lan')).json() as { readonly Containers: object };
      t.match(
        Object.values(shown.Containers),
        [{ Name: box.name, IPv4Address: '' }],
        'Docker clients see the container that keeps the network',
      );
      const ofLibpod = (await daemon.ask('GET', '/v5.4.2/libpod/networks/lan/json')).json() as {
        readonly containers: object;
      };
      t.match(Object.values(ofLibpod.containers), [{ name: box.name, interfaces: { eth0: { mac_address: '' } } }]);
      const problems = (await daemon.ask('GET', '/podnetd/v1/problems')).json();
      const path = new RegExp(`^${daemon.cacheDir}/podnetd/lan-[0-9a-f]{64}-eth0$`);
      t.match(problems, [{ path, reason: new RegExp(remedy) }]);
      t.equal((problems as readonly object[]).length, 1);
      t.match(await ask('DELETE', '/networks/lan'), [403, new RegExp(`associated containers.*${box.name}`)]);

      t.match(
        await ask('POST', '/podnetd/v1/networks/lan/connect', container),
        [500, still],
        'a second connect fails, too',
      );
      t.match(await ask('POST', '/podnetd/v1/networks/lan/gc'), [
        200,
        /"name":"podnetd-.*"error":"what was begun cannot/,
      ]);
      t.match(await ask('POST', '/networks/lan/disconnect', { Container: box.name }), [500, still]);
      t.match(await ask('POST', '/networks/lan/disconnect', { Container: box.name, Force: true }), [200]);
      t.strictSame((await daemon.ask('GET', '/podnetd/v1/problems')).json(), []);
      await checkNothingLeft(t, host, daemon.cacheDir, ['lan']);
      t.match(await ask('POST', '/networks/lan/disconnect', { Container: box.name, Force: true }), [
        400,
        /not connected/,
      ]);
      t.match(await ask('DELETE', '/networks/lan'), [204]);
    },
  );
}

t.test('a plugin of an unknown type in the chain', { skip }, async (t) => {
  const bin = path.join(makeScratch(t), 'bin');
  mkdirSync(bin);
  // Marks the interface with an alias, and passes the result on as the CNI specification requires.
  const script = `#!${process.execPath}
const { execFileSync } = require('node:child_process');
const { prevResult } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
if (process.env.CNI_COMMAND === 'ADD') {
  const { CNI_NETNS, CNI_IFNAME } = process.env;
  execFileSync('nsenter', ['--net=' + CNI_NETNS, 'ip', 'link', 'set', CNI_IFNAME, 'alias', 'marked']);
  console.log(JSON.stringify(prevResult));
}
`;
  writeFileSync(path.join(bin, 'mark'), script);
  chmodSync(path.join(bin, 'mark'), 0o755);
  const world = await start(t, bin);
  const { daemon, host } = world;
  const ipam = { type: 'host-local', ranges: ranges('10.47.0.0/24') };
  const plugins = [{ type: 'bridge', bridge: 'br-mark', isGateway: true, ipam }, { type: 'mark' }];
  writeFileSync(
    path.join(daemon.folder, 'mark.conflist'),
    JSON.stringify({ cniVersion: '0.4.0', name: 'mark', plugins }),
  );
  const box = makeNetns(t);
  const connected = await connect(world, 'mark', box);
  t.match(connected.subnets, [{ ipnet: '10.47.0.2/24', gateway: '10.47.0.1' }]);
  t.match(await box.ip('link', 'show', 'eth0'), 'alias marked');
  t.equal(await knock(box, '10.47.0.1', 9), 'ECONNREFUSED');
  await disconnect(world, 'mark', box);
  await checkNothingLeft(t, host, daemon.cacheDir, ['mark']);
});
