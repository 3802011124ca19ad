import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns } from '../support/netns.js';
import { servePodman } from '../support/podman.js';
import { containerTools, runContainer } from '../support/podman-container.js';
import { missing } from '../support/tools.js';
import { checkNothingLeft } from '../support/traces.js';

/** DNS servers of networks: in the plugins' result, and in the resolv.conf of a container that a real Podman runs. */

const pluginDir = '/usr/lib/cni';
const plugins = ['bridge', 'host-local', 'portmap', 'firewall', 'tuning', 'dnsname', 'macvlan'];
const skip = missing(
  ...containerTools,
  'dnsmasq',
  'iptables-save',
  ...plugins.map((plugin) => `${pluginDir}/${plugin}`),
);

interface Connected {
  readonly subnets: readonly { readonly gateway: string }[];
  readonly dns_server_ips?: readonly string[];
  readonly dns_search_domains?: readonly string[];
}

async function start(t: Test, ...more: readonly string[]): Promise<{ host: Host; daemon: TestDaemon }> {
  const host = await makeHost(t);
  return { host, daemon: await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir, ...more] }) };
}

const servers = ['192.0.2.53', '2001:db8::53'];

/** As podman 5.4.2 sends `network create --dns 192.0.2.53 --dns 2001:db8::53`, with or without `--disable-dns`. */
const body = (name: string, dnsEnabled: boolean, more: object = {}) => ({
  name,
  id: '',
  driver: 'bridge',
  created: '0001-01-01T00:00:00Z',
  ipv6_enabled: false,
  internal: false,
  dns_enabled: dnsEnabled,
  network_dns_servers: servers,
  ...more,
});

async function create(t: Test, daemon: TestDaemon, wanted: object): Promise<readonly string[]> {
  const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', wanted);
  t.equal(answer.status, 200, answer.text);
  t.match(answer.json(), { network_dns_servers: servers });
  const warnings = answer.headers['warning'];
  return warnings === undefined ? [] : [warnings].flat();
}

t.test('a container that no engine runs gets them in the answer of the connect', { skip }, async (t) => {
  const { host, daemon } = await start(t);
  await host.ip('link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1');
  t.strictSame(await create(t, daemon, body('plain', false)), []);
  const [warning, ...others] = await create(t, daemon, body('named', true));
  t.match(warning, /ask the dnsname plugin first.* 192\.0\.2\.53, 2001:db8::53 only when it does not answer/);
  t.strictSame(others, []);
  const wire = { driver: 'macvlan', network_interface: 'wire0', subnets: [{ subnet: '10.66.0.0/24' }] };
  t.strictSame(await create(t, daemon, body('wired', false, wire)), []);
  const box = makeNetns(t);
  const connect = async (network: string) => {
    const answer = await daemon.ask('POST', `/podnetd/v1/networks/${network}/connect`, { container: box.name });
    t.equal(answer.status, 200, answer.text);
    return answer.json() as Connected;
  };
  for (const network of ['plain', 'wired']) {
    const { dns_server_ips: found, dns_search_domains: domains } = await connect(network);
    t.strictSame([found, domains], [servers, undefined], network);
  }
  const named = await connect('named');
  const own = named.subnets.map(({ gateway }) => gateway);
  t.strictSame(named.dns_server_ips, [...own, ...servers], 'dnsname puts itself before them');
  t.strictSame(named.dns_search_domains, ['dns.podman']);
  const listed = (await daemon.ask('GET', '/podnetd/v1/attachments')).json();
  const shown = (listed as readonly Connected[]).map(({ dns_server_ips: ips }) => ips?.length);
  t.same(new Set(shown), new Set([2, 3]), 'the list of attachments has them too');
  for (const network of ['plain', 'wired', 'named']) {
    const answer = await daemon.ask('POST', `/podnetd/v1/networks/${network}/disconnect`, { container: box.name });
    t.equal(answer.status, 204, answer.text);
  }
  await host.ip('link', 'delete', 'wire0');
  await checkNothingLeft(t, host, daemon.cacheDir, ['plain', 'named', 'wired']);
});

for (const [network, dnsEnabled] of [
  ['plain', false],
  ['named', true],
] as const) {
  t.test(`the resolv.conf of a container that Podman runs on ${network}`, { skip }, async (t) => {
    const { host, daemon } = await start(t, '--cni-cache-dir', '/var/lib/cni');
    await create(t, daemon, body(network, dnsEnabled, { subnets: [{ subnet: '10.66.0.0/24' }] }));
    const podman = await servePodman(t, { netns: host, folder: daemon.folder, pluginDir });
    const shown = JSON.parse(await podman.must('network', 'inspect', network)) as readonly unknown[];
    t.match(shown, [{ name: network, driver: 'bridge', dns_enabled: dnsEnabled }], 'Podman reads the network');
    await runContainer(t, podman, 'front', network);
    const text = await podman.must('--runtime', 'runc', 'exec', 'front', '/bin/busybox', 'cat', '/etc/resolv.conf');
    const lines = text.split('\n');
    const first = dnsEnabled
      ? ['nameserver 10.66.0.1', ...servers.map((server) => `nameserver ${server}`)]
      : servers.map((server) => `nameserver ${server}`);
    const named = lines.filter((line) => line.startsWith('nameserver '));
    t.strictSame(named.slice(0, first.length), first);
    t.equal(lines.includes('search dns.podman'), dnsEnabled);
    await podman.must('rm', '--force', '--time', '0', 'front');
    await podman.must('network', 'rm', network);
  });
}
