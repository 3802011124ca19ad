import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { BlockList, isIPv6 } from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../../support/daemon.js';
import { makeNetns, type Netns } from '../../support/netns.js';
import { makePodman } from '../../support/podman.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const pluginDir = '/usr/lib/cni';
const dnsnameDir = '/run/containers/cni/dnsname';
const skip = missing('podman', 'ip', 'nsenter', 'iptables-save', 'ip6tables-save', 'dnsmasq', `${pluginDir}/dnsname`);

type Json = Readonly<Record<string, unknown>>;

interface Plugin {
  readonly type: string;
  readonly bridge?: string;
  readonly isGateway?: boolean;
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly ipam?: { readonly ranges?: readonly (readonly { readonly subnet: string; readonly gateway: string }[])[] };
}

interface Conflist {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly Plugin[];
}

interface CniResult {
  readonly interfaces: readonly { readonly name: string; readonly sandbox?: string }[];
  readonly ips: readonly { readonly address: string; readonly gateway: string }[];
}

/** The attachment of one container to one network. */
interface Attachment {
  readonly conflist: Conflist;
  readonly container: Netns;
  /** The arguments that a runtime passes for the plugins' capabilities. */
  readonly runtime: Json;
  /** host-local's folder of leases. */
  readonly leases: string;
}

t.test('networks made through both old dialects carry traffic', { skip }, async (t) => {
  const { host, daemon } = await startHost(t);
  const compat = async (name: string, body: Json) =>
    await mustCreate(daemon, '/v1.41/networks/create', { Name: name, ...body });
  const v3 = async (name: string, body: Json) =>
    await mustCreate(daemon, `/v3.4.0/libpod/networks/create?name=${name}`, body);
  const v6Mask = Buffer.from('ffffffffffffffff0000000000000000', 'hex').toString('base64');

  await compat(named('docker'), {});
  await compat(named('docker-dual'), { EnableIPv6: true, IPAM: { Config: [{ Subnet: 'fd00:81::/64' }] } });
  await compat(named('docker-internal'), {
    Internal: true,
    IPAM: { Config: [{ Subnet: '10.82.0.0/24', Gateway: '10.82.0.1' }] },
  });
  await v3(named('v3'), { Options: { mtu: '1400' } });
  await v3(named('v3-dual'), { IPv6: true, Subnet: { IP: 'fd00:83::', Mask: v6Mask } });

  for (const name of ['docker', 'docker-dual', 'docker-internal', 'v3', 'v3-dual'].map(named)) {
    await t.test(name, async (t) => {
      const conflist = readConflist(daemon.folder, name);
      const types = conflist.plugins.map(({ type }) => type);
      const dns = name.includes('internal') ? [] : ['dnsname'];
      t.strictSame(types, ['bridge', 'portmap', 'firewall', 'tuning', ...dns]);
      const attachment = attach(t, conflist);
      const rulesBefore = await readRules(host);

      const result = await addAll(host, attachment);
      await checkTraffic(t, attachment, result);
      t.equal(result.ips.length, name.includes('dual') ? 2 : 1);
      t.match(await readRules(host), /--dport 18080/, 'portmap opened the port');
      if (dns.length > 0) await checkDns(t, attachment, result);
      const mtu = await attachment.container.ip('link', 'show', 'eth0');
      t.match(mtu, name === named('v3') ? ' mtu 1400 ' : ' mtu 1500 ');

      await deleteAll(host, attachment, result);
      await checkNothingLeft(t, host, attachment, rulesBefore);
    });
  }
});

t.test('a network of Podman works beside one of podnetd', { skip }, async (t) => {
  const { host, daemon } = await startHost(t);
  await mustCreate(daemon, '/v1.41/networks/create', { Name: named('ours') });
  const podman = makePodman(t, { folder: daemon.folder, netns: host, pluginDir });
  await podman.must('network', 'create', named('theirs'));
  const ours = attach(t, readConflist(daemon.folder, named('ours')));
  const theirs = attach(t, readConflist(daemon.folder, named('theirs')), 18081);
  // Both are /24 blocks, so different means disjoint.
  t.match([...subnetsOf(ours.conflist), ...subnetsOf(theirs.conflist)], [/\.0\/24$/, /\.0\/24$/]);
  t.notSame(subnetsOf(ours.conflist), subnetsOf(theirs.conflist), 'disjoint subnets');
  t.notSame(ours.conflist.plugins[0]?.bridge, theirs.conflist.plugins[0]?.bridge, 'each its own bridge');
  const rulesBefore = await readRules(host);

  const ourResult = await addAll(host, ours);
  const theirResult = await addAll(host, theirs);
  await checkTraffic(t, ours, ourResult);
  await checkTraffic(t, theirs, theirResult);
  // The bridges are up, and the next network still gets a bridge and a subnet of its own.
  await mustCreate(daemon, '/v1.41/networks/create', { Name: named('third') });
  const used = new Set([...subnetsOf(ours.conflist), ...subnetsOf(theirs.conflist)]);
  for (const subnet of subnetsOf(readConflist(daemon.folder, named('third')))) t.notOk(used.has(subnet), subnet);

  await deleteAll(host, ours, ourResult);
  await checkTraffic(t, theirs, theirResult);
  await deleteAll(host, theirs, theirResult);
  await checkNothingLeft(t, host, ours, rulesBefore);
  await checkNothingLeft(t, host, theirs, rulesBefore);
});

t.test('macvlan on a parent link', { skip }, async (t) => {
  const { host, daemon } = await startHost(t);
  await host.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'router0');
  await host.ip('address', 'add', '10.84.0.1/24', 'dev', 'router0');
  for (const link of ['up0', 'router0']) await host.ip('link', 'set', link, 'up');
  const body = { Driver: 'macvlan', Options: { parent: 'up0' }, IPAM: { Config: [{ Subnet: '10.84.0.0/24' }] } };
  await mustCreate(daemon, '/v1.41/networks/create', { Name: named('lan'), ...body });
  const attachment = attach(t, readConflist(daemon.folder, named('lan')));
  t.strictSame(
    attachment.conflist.plugins.map(({ type }) => type),
    ['macvlan'],
  );
  const result = await addAll(host, attachment);
  await checkTraffic(t, attachment, result);
  await deleteAll(host, attachment, result);
  await checkNothingLeft(t, host, attachment, await readRules(host));
});

/** dnsname keeps its files by network name, for the whole machine. */
const named = (name: string) => `podnetd-${process.pid}-${name}`;

/** A namespace that plays the host, so that bridges, firewall rules and sysctls stay out of the real host. */
async function startHost(t: Test): Promise<{ readonly host: Netns; readonly daemon: TestDaemon }> {
  const host = makeNetns(t);
  return { host, daemon: await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] }) };
}

async function mustCreate(daemon: TestDaemon, url: string, body: Json): Promise<void> {
  const { status, text } = await daemon.ask('POST', url, body);
  if (status >= 300) throw new Error(text);
}

function readConflist(folder: string, name: string): Conflist {
  return JSON.parse(readFileSync(path.join(folder, `${name}.conflist`), 'utf8')) as Conflist;
}

function subnetsOf({ plugins }: Conflist): readonly string[] {
  return (plugins[0]?.ipam?.ranges ?? []).flat().map(({ subnet }) => subnet);
}

function attach(t: Test, conflist: Conflist, hostPort = 18080): Attachment {
  t.teardown(() => removeDnsnameFiles(conflist.name));
  return {
    conflist,
    container: makeNetns(t),
    leases: makeScratch(t),
    runtime: {
      portMappings: [{ hostPort, containerPort: 80, protocol: 'tcp' }],
      aliases: { [conflist.name]: ['web'] },
    },
  };
}

/** Removes the folders above too when they are empty, because the plugin makes them anew. */
function removeDnsnameFiles(network: string): void {
  rmSync(path.join(dnsnameDir, network), { recursive: true, force: true });
  for (let folder = dnsnameDir; folder !== '/run'; folder = path.dirname(folder)) {
    if (!existsSync(folder) || readdirSync(folder).length > 0) return;
    rmdirSync(folder);
  }
}

/** ADD down the chain as libcni does. source: CNI specification 0.4.0, "Network Configuration List Runtime" */
async function addAll(host: Netns, attachment: Attachment): Promise<CniResult> {
  let result: CniResult | undefined;
  for (const plugin of attachment.conflist.plugins) {
    result = JSON.parse(await runPlugin(host, attachment, 'ADD', plugin, result)) as CniResult;
  }
  if (result === undefined) throw new Error('a list without plugins');
  return result;
}

async function deleteAll(host: Netns, attachment: Attachment, result: CniResult): Promise<void> {
  for (const plugin of attachment.conflist.plugins.toReversed()) {
    await runPlugin(host, attachment, 'DEL', plugin, result);
  }
}

async function runPlugin(
  host: Netns,
  { conflist, container, runtime, leases }: Attachment,
  command: 'ADD' | 'DEL',
  plugin: Plugin,
  prevResult: CniResult | undefined,
): Promise<string> {
  const wanted = Object.entries(runtime).filter(([capability]) => plugin.capabilities?.[capability] === true);
  const config = {
    ...plugin,
    cniVersion: conflist.cniVersion,
    name: conflist.name,
    ...(plugin.ipam !== undefined && { ipam: { ...plugin.ipam, dataDir: leases } }),
    ...(wanted.length > 0 && { runtimeConfig: Object.fromEntries(wanted) }),
    ...(prevResult !== undefined && { prevResult }),
  };
  const { code, stdout, stderr } = await host.run(path.join(pluginDir, plugin.type), [], {
    stdin: JSON.stringify(config),
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: container.name,
      CNI_NETNS: container.path,
      CNI_IFNAME: 'eth0',
      CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAME=box-${container.name}`,
      CNI_PATH: pluginDir,
    },
  });
  if (code !== 0) throw new Error(`${command} ${plugin.type}: ${stdout}${stderr}`);
  return stdout;
}

/** The addresses lie in the created subnets, and the gateway of each answers from inside. */
async function checkTraffic(t: Test, { conflist, container }: Attachment, result: CniResult): Promise<void> {
  const ranges = (conflist.plugins[0]?.ipam?.ranges ?? []).flat();
  t.equal(result.ips.length, ranges.length);
  for (const [index, { subnet, gateway }] of ranges.entries()) {
    const [base = '', bits] = subnet.split('/');
    const family = isIPv6(base) ? 'ipv6' : 'ipv4';
    const inside = new BlockList();
    inside.addSubnet(base, Number(bits), family);
    const [address = '', ownBits] = result.ips[index]?.address.split('/') ?? [];
    t.ok(inside.check(address, family), `${address} lies in ${subnet}`);
    t.equal(ownBits, bits);
    t.match(await container.ip('address', 'show', 'dev', 'eth0'), `${address}/${bits}`);
    // The gateway has no server on this port, so it refuses; a missing gateway would be a timeout.
    const knock = `require('net').connect({ host: '${gateway}', port: 9, timeout: 5000 })
      .on('error', ({ code }) => console.log(code)).on('timeout', function () { console.log('silence'); this.destroy(); })`;
    const { stdout } = await container.run(process.execPath, ['-e', knock]);
    if (conflist.plugins[0]?.isGateway === false) t.equal(stdout, 'EHOSTUNREACH\n', `${gateway} has no host`);
    else t.equal(stdout, 'ECONNREFUSED\n', `${gateway} answers`);
  }
}

/** The network's own resolver knows the container by name and by alias. */
async function checkDns(t: Test, { container }: Attachment, result: CniResult): Promise<void> {
  const v4 = result.ips.find(({ address }) => !isIPv6(address.split('/')[0] ?? ''));
  const lookUp = `const resolver = new (require('dns').Resolver)(); resolver.setServers(['${v4?.gateway}']);
    for (const name of ['box-${container.name}', 'web'])
      resolver.resolve4(name + '.dns.podman', (error, found) => console.log(name, String(error ?? found)))`;
  const { stdout } = await container.run(process.execPath, ['-e', lookUp]);
  const address = v4?.address.split('/')[0];
  t.match(stdout, `box-${container.name} ${address}\n`);
  t.match(stdout, `web ${address}\n`);
}

async function checkNothingLeft(
  t: Test,
  host: Netns,
  { conflist, container, leases }: Attachment,
  rulesBefore: string,
): Promise<void> {
  t.notMatch(await container.ip('-brief', 'link'), 'eth0');
  const links = await host.ip('-brief', 'link');
  t.notMatch(links, /^veth/m, 'no link left behind');
  const kept = readdirSync(path.join(leases, conflist.name)).filter(
    (file) => !/^(lock|last_reserved_ip\.\d)$/.test(file),
  );
  t.strictSame(kept, [], 'no lease');
  const known = new Set(rulesBefore.split('\n'));
  const left = (await readRules(host)).split('\n').filter((rule) => !known.has(rule) && !isPlumbing(rule));
  t.strictSame(left, [], 'no rule of ours');
  t.notOk(existsSync(path.join(dnsnameDir, conflist.name, 'pidfile')), 'no resolver');
}

/** Rules of both families, without counters, chains and policies. */
async function readRules(netns: Netns): Promise<string> {
  const outcomes = [await netns.run('iptables-save', []), await netns.run('ip6tables-save', [])];
  return outcomes.map(({ stdout }) => stdout.replaceAll(/^(?!-A).*\n/gm, '')).join('');
}

/** Whether plugins write a rule once, or once for a bridge, and leave it; a rule for one container is neither. */
const isPlumbing = (rule: string) =>
  [
    /^-A FORWARD .* -j (CNI-FORWARD|CNI-ISOLATION-STAGE-1)$/,
    /^-A CNI-FORWARD .* -j CNI-ADMIN$/,
    /^-A CNI-ISOLATION-STAGE-[12] /,
    /^-A INPUT -i cni-podman\d+ -p udp -m udp --dport 53 -j ACCEPT$/,
    /^-A (PREROUTING|OUTPUT|POSTROUTING) .*-j CNI-HOSTPORT-(DNAT|MASQ)$/,
    /^-A CNI-HOSTPORT-(SETMARK|MASQ) .*--comment "CNI portfwd masquerade mark"/,
    /^-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000\/0x2000 -j MASQUERADE$/,
  ].some((pattern) => pattern.test(rule));
