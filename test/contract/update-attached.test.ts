import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { missing } from '../support/tools.js';
import { readRules } from '../support/traces.js';

/** Changes of a network that containers are on, with the real plugins: what they say of themselves is what containers get. */

const pluginDir = '/usr/lib/cni';
const skip = missing(
  'ip',
  'nsenter',
  'unshare',
  'iptables-save',
  'ip6tables-save',
  `${pluginDir}/bridge`,
  `${pluginDir}/firewall`,
);

const url = '/podnetd/v1/networks/web';

async function join(t: Test, daemon: TestDaemon): Promise<Netns & { readonly addresses: readonly string[] }> {
  const netns = makeNetns(t);
  const answer = await daemon.ask('POST', `${url}/connect`, { container: netns.name });
  if (answer.status !== 200) throw new Error(answer.text);
  const { subnets } = answer.json() as { readonly subnets: readonly { readonly ipnet: string }[] };
  return { ...netns, addresses: subnets.map(({ ipnet }) => ipnet) };
}

const leave = async (daemon: TestDaemon, { name }: Netns) =>
  await daemon.ask('POST', `${url}/disconnect`, { container: name });

t.test('new attachments get the new state, and those that are there keep theirs', { skip }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  const subnet = '10.91.0.0/24';
  const made = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', subnets: [{ subnet }] });
  t.equal(made.status, 200, made.text);
  const bridge = (made.json() as { readonly network_interface: string }).network_interface;
  const patch = async (body: object) => await daemon.ask('PATCH', url, body);
  const mtuOf = async (netns: Pick<Netns, 'ip'>) => /mtu (\d+)/.exec(await netns.ip('link', 'show', 'eth0'))?.[1];
  const isolation = async () =>
    (await readRules(host)).filter((rule) => rule.includes(bridge) && rule.includes('ISOLATION'));

  const first = await join(t, daemon);
  t.strictSame(first.addresses, ['10.91.0.2/24']);
  for (const [body, message] of [
    [
      { subnets: [{ subnet, lease_range: { start_ip: '10.91.0.3' } }] },
      `lease range of ${subnet} of network web would exclude 10.91.0.2, which ${first.name} has`,
    ],
    [
      { reserved_addresses: { printer: '10.91.0.2' } },
      `lease range of ${subnet} of network web would exclude 10.91.0.2, which ${first.name} has`,
    ],
    [
      { subnets: [{ subnet: '10.92.0.0/24' }] },
      `subnet ${subnet} of network web cannot be taken away or made smaller while containers are on the network: ${first.name}`,
    ],
  ] as const) {
    const refused = await patch(body);
    t.equal(refused.status, 403, refused.text);
    t.match(refused.json(), { message, remedy: /disconnect/ });
  }

  const changed = await patch({
    options: { mtu: '1400', isolate: 'true' },
    subnets: [{ subnet, lease_range: { start_ip: '10.91.0.2', end_ip: '10.91.0.9' } }, { subnet: 'fd00:91::/64' }],
    reserved_addresses: { printer: '10.91.0.3' },
    routes: [{ destination: '10.200.0.0/16', gateway: '10.91.0.8' }],
  });
  t.equal(changed.status, 200, changed.text);
  t.match(changed.json(), {
    in_force: [],
    for_new_attachments: ['options.mtu', 'options.isolate', 'subnets', 'reserved_addresses', 'routes'],
    containers_as_before: [first.name],
    network: { containers: {} },
  });
  const second = await join(t, daemon);
  t.strictSame(
    second.addresses,
    ['10.91.0.4/24', 'fd00:91::2/64'],
    'the range without the reserved address, and the new family',
  );
  t.strictSame([await mtuOf(first), await mtuOf(second)], ['1500', '1400']);
  t.match(await second.ip('route'), '10.200.0.0/16 via 10.91.0.8');
  t.notMatch(await first.ip('route'), '10.200.0.0/16');
  t.ok((await isolation()).length > 0, 'the plugin isolates the bridge');

  const open = await patch({ options: { isolate: null } });
  t.match(open.json(), { in_force: ['options.isolate'], for_new_attachments: [], containers_as_before: [] });
  t.strictSame(await isolation(), [], 'podnetd took the rules away');

  for (const box of [first, second]) t.equal((await leave(daemon, box)).status, 204, 'with what it was attached with');
  const moved = await patch({ subnets: [{ subnet: '10.91.7.0/24' }], reserved_addresses: null, routes: null });
  t.equal(moved.status, 200, moved.text);
  t.notMatch(await host.ip('link'), bridge, 'the bridge with the address of the former subnet is gone');
  t.strictSame((await join(t, daemon)).addresses, ['10.91.7.2/24']);
  t.match(await host.ip('address', 'show', 'dev', bridge), 'inet 10.91.7.1/24');
});

t.test('a dry run leaves the bridge', { skip }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  const create = async (body: object) => await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body);
  t.equal((await create({ name: 'web', subnets: [{ subnet: '10.91.0.0/24' }] })).status, 200);
  await leave(daemon, await join(t, daemon));
  const removal = await daemon.ask('PATCH', `${url}?dryRun=true`, { subnets: [{ subnet: '10.93.0.0/24' }] });
  t.equal(removal.status, 200, removal.text);
  t.match(await host.ip('link'), 'cni-podman1', 'a dry run takes no bridge away');
});
