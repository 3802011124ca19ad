import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns } from '../support/netns.js';
import { knock, serveTcp } from '../support/tcp.js';
import { missing } from '../support/tools.js';
import { idOf } from './dialects.js';

/** Ports of the host, for which only podnetd's own API has a connect. */

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', `${pluginDir}/portmap`);
const subnets = [{ subnet: '10.78.0.0/24' }];

async function start(t: Test): Promise<{ readonly host: Host; readonly daemon: TestDaemon }> {
  const host = await makeHost(t);
  return { host, daemon: await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] }) };
}

t.test('a port of the host answers, and stops with the disconnect', { skip }, async (t) => {
  const { host, daemon } = await start(t);
  const created = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name: 'web', subnets });
  t.equal(created.status, 200, created.text);
  const box = makeNetns(t);
  const answer = await daemon.ask('POST', '/podnetd/v1/networks/web/connect', {
    container: box.name,
    static_ips: ['10.78.0.9'],
    static_mac: '02:00:00:00:00:09',
    port_mappings: [
      { host_port: 18_080, container_port: 80, range: 2 },
      { host_ip: '10.78.0.1', host_port: 18_090, container_port: 81, protocol: 'tcp,udp' },
    ],
  });
  t.equal(answer.status, 200, answer.text);
  t.match(answer.json(), {
    container: /^[0-9a-f]{64}$/,
    name: box.name,
    interface: 'eth0',
    netns: box.path,
    mac_address: '02:00:00:00:00:09',
    subnets: [{ ipnet: '10.78.0.9/24', gateway: '10.78.0.1' }],
  });
  for (const port of [80, 81]) await serveTcp(t, box, port);
  await checkTaken(t, daemon, box.name);
  t.equal(await knock(host, '10.78.0.1', 18_080), 'port 80');
  t.equal(await knock(host, '10.78.0.1', 18_081), 'port 81', 'the second port of a range');
  t.equal(await knock(host, '10.78.0.1', 18_090), 'port 81', 'a port of one address');
  t.equal(await knock(host, '10.78.0.1', 18_082), 'ECONNREFUSED', 'the port past the range');
  t.match((await host.run('iptables-save', [])).stdout, /-d 10\.78\.0\.1\/32 -p udp .*--dport 18090 /);

  const off = await daemon.ask('POST', '/networks/web/disconnect', { Container: box.name });
  t.equal(off.status, 200, off.text);
  t.equal(await knock(host, '10.78.0.1', 18_080), 'ECONNREFUSED', 'the port no longer answers');
  t.notMatch((await host.run('iptables-save', [])).stdout, /dport 180/);
  await checkEvents(t, daemon, box.name);
});

t.test('ports that cannot be mapped are refused', { skip }, async (t) => {
  const { daemon } = await start(t);
  for (const [name, driver] of [
    ['web', 'bridge'],
    ['lan', 'macvlan'],
  ]) {
    const created = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name, driver });
    t.equal(created.status, 200, created.text);
  }
  const box = makeNetns(t);
  const port = { host_port: 18_080, container_port: 80 };
  const refused: readonly (readonly [network: string, mapping: object, message: RegExp])[] = [
    ['web', { container_port: 80 }, /port mapping 0:80\/tcp invalid: ports are from 1 to 65535/],
    ['web', { ...port, host_port: 65_535, range: 2 }, /port mapping 65536:81\/tcp invalid/],
    ['web', { ...port, host_port: 70_000 }, /port mapping 70000:80\/tcp invalid/],
    ['web', { ...port, range: -1 }, /range -1 is below zero/],
    ['web', { ...port, range: 1001 }, /at most 1000 ports/],
    ['web', { ...port, protocol: 'tcp,icmp' }, /\\"icmp\\" is none of tcp, udp, sctp/],
    ['web', { ...port, host_ip: 'x' }, /host_ip \\"x\\" is no address/],
    ['lan', port, /network lan maps no ports: none of its plugins has the capability portMappings/],
  ];
  for (const [network, mapping, message] of refused) {
    const body = { container: box.name, port_mappings: [mapping] };
    const answer = await daemon.ask('POST', `/podnetd/v1/networks/${network}/connect`, body);
    t.equal(answer.status, 400, answer.text);
    t.match(answer.text, message);
  }
  t.strictSame(Object.keys((await inspect(daemon, 'web')).Containers), []);
});

async function inspect(daemon: TestDaemon, network: string): Promise<{ readonly Containers: object }> {
  return (await daemon.ask('GET', `/networks/${network}`)).json() as { readonly Containers: object };
}

/** Asserts that a second mapping of a port is refused, because the plugin would make it without effect. */
async function checkTaken(t: Test, daemon: TestDaemon, holder: string): Promise<void> {
  const { name: container } = makeNetns(t);
  const connect = async (...port_mappings: readonly object[]) =>
    await daemon.ask('POST', '/podnetd/v1/networks/web/connect', { container, port_mappings });
  for (const mapping of [
    { host_port: 18_079, container_port: 80, range: 2 },
    { host_ip: '10.78.0.1', host_port: 18_081, container_port: 80 },
    { host_port: 18_090, container_port: 80, protocol: 'udp' },
  ]) {
    const answer = await connect(mapping);
    t.equal(answer.status, 409, answer.text);
    t.match(answer.text, new RegExp(`port 180\\d\\d/(tcp|udp) of the host is mapped to container ${holder} already`));
  }
  const others = await connect(
    { host_ip: '127.0.0.1', host_port: 18_090, container_port: 80 },
    { host_port: 18_080, container_port: 80, protocol: 'udp' },
  );
  t.equal(others.status, 200, 'another address and another protocol are free');
  t.equal((await daemon.ask('POST', '/networks/web/disconnect', { Container: container })).status, 200);
}

interface Told {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Asserts that each dialect has the events of connect and disconnect, Docker's by network and libpod's by container. */
async function checkEvents(t: Test, daemon: TestDaemon, name: string): Promise<void> {
  const read = async (url: string) => {
    const { text } = await daemon.ask('GET', `${url}/events?stream=false&since=0`);
    const lines = text.split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Told);
  };
  for (const { Action, Actor } of (await read('/v1.44')).slice(-1)) {
    t.match(Action, /^(connect|disconnect)$/);
    t.match(Actor, { ID: idOf('web'), Attributes: { container: /^[0-9a-f]{64}$/, name: 'web', type: 'bridge' } });
  }
  for (const url of ['/v3.4.0/libpod', '/v5.4.2/libpod']) {
    const told = (await read(url)).filter(({ Actor }) => Actor.Attributes['name'] === name);
    t.strictSame(
      told.map(({ Action }) => Action),
      ['connect', 'disconnect'],
      url,
    );
    for (const { Actor } of told) t.match(Actor, { ID: /^[0-9a-f]{64}$/, Attributes: { network: 'web' } });
  }
}
