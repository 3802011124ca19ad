import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { makePodman, servePodman, type Podman, type PodmanServer } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

type Json = Readonly<Record<string, unknown>>;

/** A network `n`, requested in up to three ways that must leave the same file. */
interface Row {
  /** Arguments of `podman network create`, without the name. */
  readonly cli?: readonly string[];
  /** libpod 4 body, without the name. */
  readonly v4?: Json;
  /** Docker body, without the name. */
  readonly compat?: Json;
  /** Turns Podman's text, file or answer, into podnetd's; a comment at each has the reason. */
  readonly wanted?: (text: string) => string;
  /** The warning for a Docker client where Podman has none. */
  readonly warning?: string;
}

const pool = (...config: readonly Json[]) => ({ Driver: 'bridge', IPAM: { Driver: 'default', Config: config } });
const subnet = (cidr: string, more: Json = {}) => ({ subnet: cidr, ...more });

const rows: Readonly<Record<string, Row>> = {
  'nothing asked': { cli: [], v4: { driver: 'bridge', dns_enabled: true } },
  'no dns': { cli: ['--disable-dns'], v4: { dns_enabled: false } },
  internal: { cli: ['--internal'], v4: { internal: true, dns_enabled: true } },
  'internal with a gateway': {
    cli: ['--internal', '--subnet', '10.70.0.0/24', '--gateway', '10.70.0.9'],
    v4: { internal: true, dns_enabled: true, subnets: [subnet('10.70.0.0/24', { gateway: '10.70.0.9' })] },
  },
  subnet: { cli: ['--subnet', '10.70.0.0/24'], v4: { dns_enabled: true, subnets: [subnet('10.70.0.0/24')] } },
  'subnet with host bits': {
    cli: ['--subnet', '10.70.3.7/20'],
    v4: { dns_enabled: true, subnets: [subnet('10.70.3.7/20')] },
  },
  gateway: {
    cli: ['--subnet', '10.70.0.0/24', '--gateway', '10.70.0.254'],
    v4: { dns_enabled: true, subnets: [subnet('10.70.0.0/24', { gateway: '10.70.0.254' })] },
  },
  'lease range': {
    cli: ['--subnet', '10.70.0.0/24', '--ip-range', '10.70.0.64/26'],
    v4: {
      dns_enabled: true,
      subnets: [subnet('10.70.0.0/24', { lease_range: { start_ip: '10.70.0.65', end_ip: '10.70.0.127' } })],
    },
  },
  'lease range up to the broadcast address': {
    cli: ['--subnet', '10.70.0.0/24', '--ip-range', '10.70.0.128/25'],
    v4: {
      dns_enabled: true,
      subnets: [subnet('10.70.0.0/24', { lease_range: { start_ip: '10.70.0.129', end_ip: '10.70.0.255' } })],
    },
    // host-local would lease the broadcast address to a container.
    wanted: (text) => text.replace('10.70.0.255', '10.70.0.254'),
  },
  'half a lease range': {
    v4: { dns_enabled: true, subnets: [subnet('10.70.0.0/24', { lease_range: { start_ip: '10.70.0.100' } })] },
  },
  'IPv6 subnet': {
    cli: ['--subnet', 'fd00:70::/64'],
    v4: { dns_enabled: true, subnets: [subnet('fd00:70::/64')] },
  },
  'IPv6 subnet and an IPv4 one found for it': {
    cli: ['--ipv6', '--subnet', 'fd00:70::/64', '--gateway', 'fd00:70::9'],
    v4: { dns_enabled: true, ipv6_enabled: true, subnets: [subnet('fd00:70::/64', { gateway: 'fd00:70::9' })] },
  },
  'IPv6 subnet made up': { cli: ['--ipv6'], v4: { dns_enabled: true, ipv6_enabled: true } },
  'three subnets': {
    cli: ['--subnet', '10.70.0.0/24', '--subnet', 'fd00:70::/64', '--subnet', '10.71.0.0/24'],
    v4: { dns_enabled: true, subnets: [subnet('10.70.0.0/24'), subnet('fd00:70::/64'), subnet('10.71.0.0/24')] },
  },
  '/30': { cli: ['--subnet', '10.70.0.0/30'], v4: { dns_enabled: true, subnets: [subnet('10.70.0.0/30')] } },
  labels: {
    cli: ['--label', 'b=1', '--label', 'a=<x>&"y"', '--label', 'bare', '--label', 'u=é\u2028'],
    v4: { dns_enabled: true, labels: { b: '1', a: '<x>&"y"', bare: '', u: 'é\u2028' } },
  },
  options: {
    cli: ['--opt', 'mtu=1400', '--opt', 'vlan=7', '--opt', 'isolate=true'],
    v4: { dns_enabled: true, options: { mtu: '1400', vlan: '7', isolate: 'true' } },
  },
  'options that say nothing': {
    cli: ['--opt', 'mtu=0', '--opt', 'isolate=0'],
    v4: { dns_enabled: true, options: { mtu: '0', isolate: '0' } },
  },
  'bridge name': { v4: { dns_enabled: true, network_interface: 'br-own' } },
  'host-local named': {
    cli: ['--ipam-driver', 'host-local', '--subnet', '10.70.0.0/24'],
    v4: { dns_enabled: true, subnets: [subnet('10.70.0.0/24')], ipam_options: { driver: 'host-local' } },
  },
  'bridge with dhcp': {
    cli: ['--ipam-driver', 'dhcp', '--disable-dns'],
    v4: { ipam_options: { driver: 'dhcp' } },
  },
  'bridge without addresses': {
    cli: ['--ipam-driver', 'none', '--disable-dns'],
    v4: { ipam_options: { driver: 'none' } },
  },
  'macvlan without a parent': { cli: ['-d', 'macvlan'], v4: { driver: 'macvlan', dns_enabled: true } },
  'macvlan with dhcp': {
    cli: ['-d', 'macvlan', '-o', 'parent=up0'],
    v4: { driver: 'macvlan', dns_enabled: true, network_interface: 'up0' },
  },
  'macvlan with subnets': {
    cli: ['-d', 'macvlan', '-o', 'parent=up0', '-o', 'mode=private', '-o', 'mtu=1300', '--subnet', '10.70.0.0/24'],
    v4: {
      driver: 'macvlan',
      dns_enabled: true,
      network_interface: 'up0',
      options: { mode: 'private', mtu: '1300' },
      subnets: [subnet('10.70.0.0/24')],
    },
    compat: {
      ...pool({ Subnet: '10.70.0.0/24' }),
      Driver: 'macvlan',
      Options: { parent: 'up0', mode: 'private', mtu: '1300' },
    },
  },
  'macvlan, internal': {
    cli: ['-d', 'macvlan', '-o', 'parent=up0', '--internal', '--subnet', '10.70.0.0/24'],
    v4: {
      driver: 'macvlan',
      internal: true,
      dns_enabled: true,
      network_interface: 'up0',
      subnets: [subnet('10.70.0.0/24')],
    },
  },
  ipvlan: {
    v4: {
      driver: 'ipvlan',
      dns_enabled: true,
      network_interface: 'up0',
      options: { mode: 'l3' },
      subnets: [subnet('10.70.0.0/24')],
    },
  },
  'Docker: nothing asked': { compat: {} },
  'Docker: nulls': { compat: { Driver: null, IPAM: null, Options: null, Labels: null, EnableIPv6: false } },
  'Docker: pool': {
    compat: {
      ...pool({ Subnet: '10.70.0.0/24', IPRange: '10.70.0.64/26', Gateway: '10.70.0.3' }),
      Labels: { 'com.example': 'x' },
    },
  },
  'Docker: internal': {
    compat: { Internal: true, ...pool({ Subnet: '10.70.0.0/24' }) },
    warning: 'dnsname and internal networks are incompatible: dnsname plugin not configured for network n',
  },
  'Docker: mtu and bridge name': {
    compat: { Options: { 'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.name': 'br-own' } },
  },
  'Docker: dual stack': { compat: { EnableIPv6: true, ...pool({ Subnet: 'fd00:70::/64' }) } },
  'Docker: two pools': {
    compat: pool({ Subnet: '10.70.0.0/24' }, { Subnet: '10.71.0.0/24' }),
    warning:
      'containers cannot join network n: the bridge plugin gives a bridge one gateway of IPv4, and the network has 10.70.0.0/24 and 10.71.0.0/24',
  },
};

t.test('every request leaves the file that Podman writes', { skip: missing('podman', 'ip', 'nsenter') }, async (t) => {
  t.ok(Object.keys(rows).length >= 20);
  const { cli, server, daemon } = await startAll(t);
  for (const [title, row] of Object.entries(rows)) {
    await t.test(title, async (t) => {
      const wanted = (text: string) => maskMadeUp((row.wanted ?? ((same) => same))(text));
      if (row.v4 !== undefined) {
        const body = { ...row.v4, name: 'n' };
        const theirs = await server.ask('POST', '/v4.3.1/libpod/networks/create', body);
        const ours = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body);
        t.equal(theirs.status, 200, theirs.text);
        t.equal(ours.status, theirs.status, ours.text);
        const inspected = await server.ask('GET', '/v4.3.1/libpod/networks/n/json');
        // Podman echoes `dns_enabled` and `internal` of a macvlan request, which the file cannot hold.
        const answered = (row.v4['driver'] ?? 'bridge') === 'bridge' ? theirs : inspected;
        t.equal(maskMadeUp(withoutTime(ours.text)), wanted(withoutTime(answered.text)), 'same answer');
        t.equal(maskMadeUp(readText(daemon)), wanted(readText(server)), 'same file as through the API');
        await compareInspects(t, server, daemon, wanted);
      }
      if (row.cli !== undefined) {
        await cli.must('network', 'create', ...row.cli, 'n');
        t.equal(maskMadeUp(readText(daemon)), wanted(readText(cli)), 'same file as through the command');
      }
      forget(cli, server, daemon);
      if (row.compat === undefined) return;
      const body = { ...row.compat, Name: 'n' };
      const theirs = await server.ask('POST', '/v1.41/networks/create', body);
      const ours = await daemon.ask('POST', '/v1.41/networks/create', body);
      t.equal(theirs.status, 201, theirs.text);
      t.equal(ours.status, theirs.status, ours.text);
      t.strictSame(
        ours.json(),
        { ...(theirs.json() as Json), Warning: row.warning ?? '' },
        'same answer to a Docker body',
      );
      t.equal(maskMadeUp(withoutDockerArgs(readText(daemon))), wanted(readText(server)), 'same file');
      await compareInspects(t, server, daemon, wanted);
      await compareCompatInspects(t, server, daemon, row.compat);
      forget(cli, server, daemon);
    });
  }
});

t.test(
  'unnamed networks and free subnets are chosen in the same order',
  { skip: missing('podman', 'ip', 'nsenter') },
  async (t) => {
    const { server, daemon } = await startAll(t);
    const bodies: readonly Json[] = [
      { name: 'first' },
      {},
      { subnets: [subnet('10.89.2.0/24')] },
      { name: 'after-a-hole' },
      { driver: 'macvlan', name: 'counted', subnets: [subnet('10.89.4.0/24')] },
      { name: 'past-it' },
      { name: 'named', network_interface: 'cni-podman6' },
      { name: 'past-the-name' },
    ];
    for (const body of bodies) {
      const theirs = await server.ask('POST', '/v4.3.1/libpod/networks/create', body);
      const ours = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body);
      t.equal(theirs.status, 200, theirs.text);
      t.equal(withoutTime(ours.text), withoutTime(theirs.text), JSON.stringify(body));
    }
    t.strictSame(readFolder(daemon.folder), readFolder(server.folder), 'same folders');
  },
);

t.test('without the dnsname plugin', { skip: missing('podman', 'ip', 'nsenter') }, async (t) => {
  const pluginDir = makeScratch(t);
  for (const plugin of readdirSync('/usr/lib/cni').filter((file) => file !== 'dnsname')) {
    symlinkSync(path.join('/usr/lib/cni', plugin), path.join(pluginDir, plugin));
  }
  const { server, daemon } = await startAll(t, pluginDir);
  const body = { name: 'n', dns_enabled: true };
  const theirs = await server.ask('POST', '/v4.3.1/libpod/networks/create', body);
  const ours = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body);
  t.equal(theirs.status, 200, theirs.text);
  t.equal(readText(daemon), readText(server), 'same file');
  t.notMatch(readText(daemon), 'dnsname');
  // Podman echoes the request; podnetd answers with the network as it is.
  t.equal(withoutTime(ours.text), withoutTime(theirs.text).replace('"dns_enabled":true', '"dns_enabled":false'));
});

t.test('podnetd and Podman read the files of each other', { skip: missing('podman', 'ip', 'nsenter') }, async (t) => {
  const { netns, server, daemon } = await startAll(t);
  const reading = await startDaemon(t, { netns, folder: server.folder });
  const written = Object.entries(rows).filter(([, row]) => row.v4 !== undefined && row.wanted === undefined);
  // Many rows have the same subnet, which two bridges may not share, so each network is read alone.
  for (const [title, { v4 }] of written) {
    await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { ...v4, name: 'n' });
    const reader = makePodman(t, { folder: daemon.folder, netns });
    const [seen] = JSON.parse(await reader.must('network', 'inspect', 'n')) as readonly Json[];
    const ours = await daemon.ask('GET', '/v4.3.1/libpod/networks/n/json');
    t.strictSame({ ...(ours.json() as Json), created: '' }, { ...seen, created: '' }, `Podman reads: ${title}`);
    t.match(await reader.must('network', 'ls', '--format', '{{.Name}}'), /^n$/m);
    rmSync(path.join(daemon.folder, 'n.conflist'));

    await server.ask('POST', '/v4.3.1/libpod/networks/create', { ...v4, name: 'n' });
    const theirs = await server.ask('GET', '/v4.3.1/libpod/networks/n/json');
    const read = await reading.ask('GET', '/v4.3.1/libpod/networks/n/json');
    t.equal(withoutTime(read.text), withoutTime(theirs.text), `podnetd reads: ${title}`);
    rmSync(path.join(server.folder, 'n.conflist'));
  }
});

interface Trio {
  readonly netns: Netns;
  readonly cli: Podman;
  readonly server: PodmanServer;
  readonly daemon: TestDaemon;
}

/** Starts all three in one namespace with one link that may be a parent, each on an empty folder. */
async function startAll(t: Test, pluginDir = '/usr/lib/cni'): Promise<Trio> {
  const netns = makeNetns(t);
  await netns.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'down0');
  const cli = makePodman(t, { netns, pluginDir });
  const server = await servePodman(t, { netns, pluginDir });
  const daemon = await startDaemon(t, { netns, args: ['--cni-plugin-dir', pluginDir] });
  return { netns, cli, server, daemon };
}

async function compareInspects(
  t: Test,
  server: PodmanServer,
  daemon: TestDaemon,
  wanted: (text: string) => string,
): Promise<void> {
  const theirs = await server.ask('GET', '/v4.3.1/libpod/networks/n/json');
  const ours = await daemon.ask('GET', '/v4.3.1/libpod/networks/n/json');
  t.equal(theirs.status, 200, theirs.text);
  t.equal(maskMadeUp(withoutTime(ours.text)), wanted(withoutTime(theirs.text)), 'same inspect');
}

async function compareCompatInspects(t: Test, server: PodmanServer, daemon: TestDaemon, asked: Json): Promise<void> {
  const theirs = (await server.ask('GET', '/v1.41/networks/n')).json() as CompatInspect;
  const ours = (await daemon.ask('GET', '/v1.41/networks/n')).json() as CompatInspect;
  const pools = (asked as { IPAM?: { Config?: readonly Json[] } | null }).IPAM?.Config ?? [];
  const wanted: CompatInspect = {
    ...theirs,
    Created: ours.Created,
    // Compose compares both with its request, and refuses a network with {"driver":"host-local"} or renamed options.
    Options: (asked['Options'] ?? {}) as Json,
    IPAM: {
      ...theirs.IPAM,
      Options: null,
      // Podman forgets the range and shows a gateway that was not sent, "<nil>" for an internal network without one.
      Config: theirs.IPAM.Config.map((config, index) => pools[index] ?? config),
    },
  };
  t.strictSame(JSON.parse(maskMadeUp(JSON.stringify(ours))), JSON.parse(maskMadeUp(JSON.stringify(wanted))));
}

interface CompatInspect {
  readonly Created: string;
  readonly Options: Json;
  readonly IPAM: { readonly Options: Json | null; readonly Config: readonly Json[] };
}

const readText = ({ folder }: { readonly folder: string }) => readFileSync(path.join(folder, 'n.conflist'), 'utf8');

function readFolder(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.conflist'));
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

/** Empties the folders again, so that the next row finds the same free subnets everywhere. */
function forget(...owners: readonly { readonly folder: string }[]): void {
  for (const { folder } of owners) rmSync(path.join(folder, 'n.conflist'), { force: true });
}

const withoutTime = (text: string) => text.replace(/"created":"[^"]+"/, '"created":""');

/** Replaces IPv6 subnets that podnetd or Podman made up, because both choose at random. */
const maskMadeUp = (text: string) =>
  text.replaceAll(/fd[0-9a-f]{2}:[0-9a-f:]+?::(?=\/64|1")/g, (found) => (found === 'fd00:70::' ? found : 'fdxx::'));

/** The file without the values of a Docker request, which podnetd keeps beside Podman's members for clients that compare them. */
function withoutDockerArgs(text: string): string {
  const { args = {}, ...conflist } = JSON.parse(text) as { args?: Json };
  const kept = Object.entries(args).filter(([key]) => !key.startsWith('podnetd_docker_'));
  const podmans = kept.length > 0 ? { args: Object.fromEntries(kept), ...conflist } : conflist;
  return JSON.stringify(podmans, null, 3);
}
