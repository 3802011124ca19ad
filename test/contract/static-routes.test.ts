import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { makePodman } from '../support/podman.js';
import { hasNewPlugins, pluginFolder } from '../support/plugin-folder.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';
import { checkNothingLeft } from '../support/traces.js';

/** Static routes, default routes and metrics, in the namespace of a container that real plugins attach. */

const skip = missing(
  'ip',
  'nsenter',
  'iptables-save',
  'podman',
  `${pluginFolder}/bridge`,
  `${pluginFolder}/host-local`,
);

const subnets = [{ subnet: '10.66.0.0/24' }, { subnet: 'fd66::/64' }];

/** As podman 5.4.2 sends `network create --route 10.99.0.0/16,10.66.0.9 --route fd99::/64,fd66::9`. */
const routed = {
  name: 'routed',
  id: '',
  driver: 'bridge',
  created: '0001-01-01T00:00:00Z',
  subnets,
  routes: [
    { destination: '10.99.0.0/16', gateway: '10.66.0.9' },
    { destination: 'fd99::/64', gateway: 'fd66::9' },
  ],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: false,
};

async function start(t: Test): Promise<{ host: Host; daemon: TestDaemon }> {
  const host = await makeHost(t);
  return { host, daemon: await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginFolder] }) };
}

async function create(daemon: TestDaemon, body: object): Promise<unknown> {
  const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json();
}

/** Connects a new namespace. @returns its routes of both families, without those of the kernel, and a way to disconnect it */
async function join(t: Test, daemon: TestDaemon, network: string) {
  const box = makeNetns(t);
  const ask = async (action: string, expected: number) => {
    const answer = await daemon.ask('POST', `/podnetd/v1/networks/${network}/${action}`, { container: box.name });
    t.equal(answer.status, expected, answer.text);
  };
  await ask('connect', 200);
  return { routes: await routesOf(box), leave: async () => await ask('disconnect', 204) };
}

async function routesOf(box: Netns): Promise<readonly string[]> {
  const lines = (await Promise.all([box.ip('-4', 'route'), box.ip('-6', 'route')])).join('\n').split('\n');
  const known = lines.filter((line) => line.includes(' via ')).map((line) => line.trim());
  // IPv6 routes without a metric get 1024 of the kernel, and show a preference.
  return known.map((line) => line.replace(/ pref \w+$/, '').replace(' metric 1024', '')).toSorted();
}

t.test('each container of a network gets its routes', { skip }, async (t) => {
  const { host, daemon } = await start(t);
  t.match(await create(daemon, routed), { routes: routed.routes });
  await create(daemon, {
    ...routed,
    name: 'inner',
    subnets: [{ subnet: '10.67.0.0/24' }],
    internal: true,
    routes: [{ destination: '10.98.0.0/16', gateway: '10.67.0.9' }],
  });
  const first = await join(t, daemon, 'routed');
  t.strictSame(first.routes, [
    '10.99.0.0/16 via 10.66.0.9 dev eth0',
    'default via 10.66.0.1 dev eth0',
    'default via fd66::1 dev eth0',
    'fd99::/64 via fd66::9 dev eth0',
  ]);
  const second = await join(t, daemon, 'routed');
  t.strictSame(second.routes, first.routes);
  const inner = await join(t, daemon, 'inner');
  t.strictSame(inner.routes, ['10.98.0.0/16 via 10.67.0.9 dev eth0'], 'no default route on an internal network');
  for (const { leave } of [first, second, inner]) await leave();
  await checkNothingLeft(t, host, daemon.cacheDir, ['routed', 'inner']);
});

t.test('no_default_route leaves the default route to the static ones', { skip }, async (t) => {
  const { daemon } = await start(t);
  const options = { no_default_route: 'true' };
  const bare = { ...routed, name: 'bare', options, routes: [] };
  t.match(await create(daemon, bare), { options });
  const { routes, leave } = await join(t, daemon, 'bare');
  t.strictSame(routes, []);
  await leave();
  t.equal((await daemon.ask('DELETE', '/v5.4.2/libpod/networks/bare')).status, 200);
  await create(daemon, { ...routed, options, routes: [{ destination: '0.0.0.0/0', gateway: '10.66.0.9' }] });
  t.strictSame((await join(t, daemon, 'routed')).routes, ['default via 10.66.0.9 dev eth0']);
});

t.test('metrics reach the kernel with plugins that know them, and are refused with others', { skip }, async (t) => {
  const { daemon } = await start(t);
  const withMetric = { ...routed, routes: [{ ...routed.routes[0], metric: 7 }] };
  const options = {
    ...routed,
    name: 'costly',
    routes: [],
    subnets: [{ subnet: '10.67.0.0/24' }],
    options: { metric: '9' },
  };
  if (hasNewPlugins(t)) {
    t.match(await create(daemon, withMetric), { routes: withMetric.routes });
    await create(daemon, options);
    const [first, second] = [await join(t, daemon, 'routed'), await join(t, daemon, 'costly')];
    t.ok(first.routes.includes('10.99.0.0/16 via 10.66.0.9 dev eth0 metric 7'), first.routes.join('; '));
    t.strictSame(second.routes, ['default via 10.67.0.1 dev eth0 metric 9']);
    return;
  }
  const before = snapshotFolder(daemon.folder);
  const needs = `plugin host-local 1.6.0 or newer is needed, and ${pluginFolder}/host-local is of an unknown version, for CNI 1.0.0`;
  for (const [body, what] of [
    [withMetric, 'metric 7 of the route to 10.99.0.0/16'],
    [options, 'metric 9 of default routes'],
  ] as const) {
    const { status, text } = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body);
    t.equal(status, 400);
    t.match(text, `${what} cannot be configured: ${needs}`);
    const plan = await daemon.ask('POST', '/podnetd/v1/networks/plan', body);
    t.match(plan.text, what, 'a plan says so too');
  }
  t.strictSame(snapshotFolder(daemon.folder), before);
});

t.test('Podman takes the file for its own', { skip }, async (t) => {
  const { host, daemon } = await start(t);
  await create(daemon, { ...routed, network_dns_servers: ['192.0.2.53'], options: { no_default_route: 'true' } });
  const podman = makePodman(t, { folder: daemon.folder, netns: host, pluginDir: pluginFolder });
  const shown = JSON.parse(await podman.must('network', 'inspect', 'routed')) as readonly unknown[];
  t.match(shown, [
    { subnets: [{ subnet: '10.66.0.0/24', gateway: '10.66.0.1' }, { subnet: 'fd66::/64' }], internal: false },
  ]);
  await podman.must('network', 'rm', 'routed');
  t.equal((await daemon.ask('GET', '/v5.4.2/libpod/networks/routed/json')).status, 404);
});

t.test('podnetd shows what the files of others say', { skip }, async (t) => {
  const { daemon } = await start(t);
  const nerdctl = {
    cniVersion: '1.0.0',
    name: 'theirs',
    plugins: [
      {
        type: 'bridge',
        bridge: 'br-theirs',
        isGateway: true,
        portIsolation: true,
        dns: { nameservers: ['192.0.2.53', 'no address', '2001:db8::53'], search: ['example.org'] },
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: '10.68.0.0/24', gateway: '10.68.0.1' }]],
          routes: [
            { dst: '0.0.0.0/0', priority: 50 },
            { dst: '10.99.0.0/16' },
            { dst: '10.98.0.7/16', gw: '10.68.0.9', priority: 7, mtu: 1400 },
            { dst: 'junk', gw: '10.68.0.9' },
          ],
        },
      },
      { type: 'firewall', ingressPolicy: 'isolated' },
    ],
  };
  writeFileSync(path.join(daemon.folder, 'theirs.conflist'), JSON.stringify(nerdctl));
  const shown = await daemon.ask('GET', '/v5.4.2/libpod/networks/theirs/json');
  t.match(shown.json(), {
    network_dns_servers: ['192.0.2.53', '2001:db8::53'],
    routes: [{ destination: '10.99.0.0/16' }, { destination: '10.98.0.0/16', gateway: '10.68.0.9', metric: 7 }],
    options: { metric: '50', isolate: 'true', 'com.docker.network.bridge.enable_icc': 'false' },
  });
  const compat = await daemon.ask('GET', '/v1.44/networks/theirs');
  t.match(compat.json(), { Options: { metric: '50', 'com.docker.network.bridge.enable_icc': 'false' } });
  const removed = await daemon.ask('DELETE', '/v5.4.2/libpod/networks/theirs');
  t.match(removed.text, 'neither podnetd nor Podman wrote');
});
