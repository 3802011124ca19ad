import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { missing } from '../support/tools.js';

/** podnetd respects links and routes of the kernel; the test makes its own in a namespace. */
const skip = missing('ip', 'nsenter');

const containersConf = `
[[network.default_subnet_pools]]
base = "10.50.0.0/21"
size = 24
`;

interface Created {
  readonly subnets: readonly { readonly subnet: string }[];
  readonly network_interface: string;
}

t.test('interfaces that are down and routes of every table are avoided', { skip }, async (t) => {
  const netns = makeNetns(t);
  // An idle CNI bridge is down: Node's own list of interfaces does not show it.
  await netns.ip('link', 'add', 'cni-podman1', 'type', 'bridge');
  await netns.ip('address', 'add', '10.50.0.1/24', 'dev', 'cni-podman1');
  await netns.ip('route', 'add', 'blackhole', '10.50.1.0/24', 'table', '100');
  await netns.ip('route', 'add', '10.50.2.0/23', 'dev', 'lo');
  // A VPN's way to write a default route.
  await netns.ip('route', 'add', '0.0.0.0/1', 'dev', 'lo');
  await netns.ip('route', 'add', '128.0.0.0/1', 'dev', 'lo');
  const daemon = await startDaemon(t, { netns, containersConf });
  const create = async (body: object) => await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body);
  const createFree = async (name: string) => (await create({ name })).json() as Created;

  const first = await createFree('first');
  t.equal(first.subnets[0]?.subnet, '10.50.4.0/24', 'the first subnet of no interface and no route');
  t.equal(first.network_interface, 'cni-podman2', 'the name of a link that is down is taken');
  t.equal((await createFree('second')).subnets[0]?.subnet, '10.50.5.0/24');

  const onInterface = await create({ name: 'x', subnets: [{ subnet: '10.50.0.128/25' }] });
  t.equal(onInterface.status, 409);
  t.match(onInterface.json(), {
    message:
      'subnet 10.50.0.128/25 is already used on the host or by another config: it overlaps 10.50.0.0/24 of network interface cni-podman1',
  });
  const mask = Buffer.from([255, 255, 255, 128]).toString('base64');
  const old = { Subnet: { IP: '10.50.0.128', Mask: mask } };
  t.match((await daemon.ask('POST', '/v3.2.0/libpod/networks/create?name=x', old)).json(), {
    message:
      'network 10.50.0.128/25 is being used by a network interface: it overlaps 10.50.0.0/24 of network interface cni-podman1',
  });
  const onNetwork = await create({ name: 'x', subnets: [{ subnet: '10.50.4.128/25' }] });
  t.match(onNetwork.json(), {
    message:
      'subnet 10.50.4.128/25 is already used on the host or by another config: it overlaps 10.50.4.0/24 of network first',
  });
  const onRoute = await create({ name: 'asked-for', subnets: [{ subnet: '10.50.2.0/24' }] });
  t.equal(onRoute.status, 200, 'a request may name a routed prefix');

  for (const name of ['third', 'fourth']) await createFree(name);
  const routed = await create({ name: 'fifth' });
  t.equal((routed.json() as Created).subnets[0]?.subnet, '10.50.1.0/24', 'nothing else is free');
  t.match(routed.headers['warning'], /^299 podnetd "subnet 10\.50\.1\.0\/24 overlaps the route 10\.50\.1\.0\/24/);
  t.equal((await createFree('sixth')).subnets[0]?.subnet, '10.50.3.0/24');

  const exhausted = await create({ name: 'seventh' });
  t.equal(exhausted.status, 409);
  t.match(exhausted.json(), {
    message: 'could not find free subnet from subnet pools: all in use in 10.50.0.0/21 (8 of size /24)',
  });
});

t.test('a link that appears while the daemon runs is seen at the next create', { skip }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns, containersConf });
  const create = async (name: string, more = {}) =>
    await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name, ...more });
  t.equal(((await create('a')).json() as Created).subnets[0]?.subnet, '10.50.0.0/24');
  await netns.ip('link', 'add', 'v1', 'type', 'veth', 'peer', 'name', 'v2');
  await netns.ip('address', 'add', '10.50.1.1/24', 'dev', 'v1');
  t.equal(((await create('b')).json() as Created).subnets[0]?.subnet, '10.50.2.0/24');
  const nic = await create('c', { network_interface: 'v1' });
  t.equal(nic.status, 409);
  t.match(nic.json(), { message: 'bridge name v1 already in use by a network interface of type veth' });
  await netns.ip('link', 'add', 'br0', 'type', 'bridge');
  t.equal((await create('d', { network_interface: 'br0' })).status, 200, 'a network may join a bridge that exists');
  t.match(readFileSync(path.join(daemon.folder, 'd.conflist'), 'utf8'), '"bridge": "br0"');
});

t.test('another name of a link is taken too', { skip }, async (t) => {
  const netns = makeNetns(t);
  await netns.ip('link', 'add', 'nic0', 'type', 'veth', 'peer', 'name', 'nic1');
  await netns.ip('link', 'property', 'add', 'dev', 'nic0', 'altname', 'cni-podman1', 'altname', 'lan');
  const daemon = await startDaemon(t, { netns, containersConf });
  const create = async (body: object) => await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body);
  t.equal(((await create({ name: 'a' })).json() as Created).network_interface, 'cni-podman2');
  await netns.ip('link', 'add', 'br0', 'type', 'bridge');
  // The kernel reports new names only of links that are up.
  await netns.ip('link', 'set', 'br0', 'up');
  await netns.ip('link', 'property', 'add', 'dev', 'br0', 'altname', 'cni-podman3', 'altname', 'office');
  t.equal(((await create({ name: 'b' })).json() as Created).network_interface, 'cni-podman4');
  for (const [name, kind] of [
    ['lan', 'veth (as another name of nic0)'],
    ['office', 'bridge (as another name of br0)'],
  ] as const) {
    const asked = await create({ name: 'c', network_interface: name });
    t.equal(asked.status, 409);
    t.match(asked.json(), { message: `bridge name ${name} already in use by a network interface of type ${kind}` });
  }
  const parent = { driver: 'macvlan', network_interface: 'lan', subnets: [{ subnet: '10.60.0.0/24' }] };
  t.equal((await create({ name: 'd', ...parent })).status, 200, 'the macvlan plugin finds its parent by any name');
});
