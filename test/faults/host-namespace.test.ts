import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { cacheEntry, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { runInside } from '../support/processes.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Paths of a container's network namespace that lead to the host, or to another container. */

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', `${pluginDir}/bridge`);

interface World {
  readonly host: Host;
  readonly daemon: TestDaemon;
}

/** @param plugins scripts that run as plugins, by name */
async function start(t: Test, plugins: Readonly<Record<string, string>> = {}): Promise<World> {
  const host = await makeHost(t);
  const bin = path.join(makeScratch(t), 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(plugins)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  const args = ['--cni-plugin-dir', bin, '--cni-plugin-dir', pluginDir];
  const daemon = await startDaemon(t, { netns: host, args });
  const subnets = [{ subnet: '10.1.0.0/24' }];
  const made = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: false, subnets });
  if (made.status !== 200) throw new Error(made.text);
  return { host, daemon };
}

async function addLink({ ip }: Pick<Netns, 'ip'>, name: string, mac: string, address: string): Promise<void> {
  await ip('link', 'add', name, 'address', mac, 'type', 'veth', 'peer', 'name', `${name}-peer`);
  await ip('address', 'add', address, 'dev', name);
  for (const link of [name, `${name}-peer`]) await ip('link', 'set', link, 'up');
}

const resultIn = (netns: string) => ({
  cniVersion: '0.4.0',
  interfaces: [{ name: 'cni-podman1' }, { name: 'eth0', mac: 'ea:42:77:e8:58:5f', sandbox: netns }],
  ips: [{ version: '4', address: '10.1.0.2/24', gateway: '10.1.0.1', interface: 1 }],
});

/** Writes an attachment as a runtime that names namespaces by their processes, with the configured network. */
function writeAttachment({ daemon }: World, netns: string, containerId = 'c0ffee'): { entry: string; lease: string } {
  const config = JSON.parse(readFileSync(path.join(daemon.folder, 'web.conflist'), 'utf8')) as { plugins: object[] };
  const [bridge] = config.plugins as { ipam: object }[];
  if (bridge !== undefined) Object.assign(bridge, { ipMasq: false });
  const entry = cacheEntry('web', containerId, { netns, config: JSON.stringify(config), result: resultIn(netns) });
  return {
    entry: writeCacheEntry(daemon.cacheDir, entry),
    lease: writeLease(daemon.leaseDir, 'web', '10.1.0.2', containerId),
  };
}

async function shownOn({ daemon }: World): Promise<readonly string[]> {
  const { text } = await daemon.ask('GET', '/networks/web');
  return Object.keys((JSON.parse(text) as { readonly Containers: object }).Containers);
}

/** Requests that free an attachment, or its network. */
const ends = {
  'a disconnect': ['POST', '/networks/web/disconnect', { Container: 'c0ffee' }],
  'a disconnect by force': ['POST', '/networks/web/disconnect', { Container: 'c0ffee', Force: true }],
  'a garbage collection': ['POST', '/podnetd/v1/networks/web/gc', undefined],
  'a removal': ['DELETE', '/networks/web', undefined],
  'a removal by force': ['DELETE', '/v5.4.2/libpod/networks/web?force=true', undefined],
  'a prune': ['POST', '/networks/prune', undefined],
} as const;

for (const [what, [method, url, body]] of Object.entries(ends)) {
  t.test(`${what} where the process now belongs to the host`, { skip }, async (t) => {
    const world = await start(t);
    const { host, daemon } = world;
    await addLink(host, 'eth0', '02:00:00:00:00:01', '192.0.2.1/24');
    const other = await runInside(t, host);
    const { entry, lease } = writeAttachment(world, other.netns);
    t.strictSame(await shownOn(world), [], 'no container');
    const answer = await daemon.ask(method, url, body);
    t.ok(answer.status < 300, answer.text);
    t.match(await host.ip('-brief', 'link', 'show', 'eth0'), /^eth0/, 'the link of the host is there');
    t.notOk(existsSync(entry), 'the attachment is freed');
    t.notOk(existsSync(lease), 'with its lease');
  });

  t.test(`${what} where the process now belongs to another container`, { skip }, async (t) => {
    const world = await start(t);
    const { daemon } = world;
    const container = makeNetns(t);
    await addLink(container, 'eth0', '02:00:00:00:00:01', '10.1.0.3/24');
    const other = await runInside(t, container);
    const { entry, lease } = writeAttachment(world, other.netns);
    t.strictSame(await shownOn(world), [], 'no container');
    const answer = await daemon.ask(method, url, body);
    t.ok(answer.status < 300, answer.text);
    t.match(await container.ip('-brief', 'link', 'show', 'eth0'), /^eth0/, 'the link of the other container is there');
    t.notOk(existsSync(entry), 'the attachment is freed');
    t.notOk(existsSync(lease), 'with its lease');
  });
}

t.test('the namespace of a process that still is the container is used', { skip }, async (t) => {
  const world = await start(t);
  const container = makeNetns(t);
  await addLink(container, 'eth0', 'ea:42:77:e8:58:5f', '10.1.0.2/24');
  const { netns } = await runInside(t, container);
  const { entry } = writeAttachment(world, netns);
  t.strictSame(await shownOn(world), ['c0ffee']);
  const refused = await world.daemon.ask('DELETE', '/networks/web');
  t.equal(refused.status, 403, refused.text);
  const answer = await world.daemon.ask('POST', '/networks/web/disconnect', { Container: 'c0ffee' });
  t.equal(answer.status, 200, answer.text);
  t.notMatch(await container.ip('-brief', 'link'), /eth0@/, 'the link is gone');
  t.notOk(existsSync(entry));
});

t.test('a later podnetd disconnects a process that an earlier one connected', { skip }, async (t) => {
  const { host, daemon } = await start(t);
  const container = makeNetns(t);
  const { netns } = await runInside(t, container);
  const connected = await daemon.ask('POST', '/podnetd/v1/networks/web/connect', { container: netns });
  t.match([connected.status, connected.json()], [200, { netns }], 'the answer has the path of the client');
  t.match(await container.ip('-brief', 'link'), /eth0@/);
  await daemon.stop();
  const args = ['--cni-plugin-dir', pluginDir, '--cni-cache-dir', daemon.cacheDir];
  const later = await startDaemon(t, { netns: host, folder: daemon.folder, args });
  const answer = await later.ask('POST', '/podnetd/v1/networks/web/disconnect', { container: netns });
  t.equal(answer.status, 204, answer.text);
  t.notMatch(await container.ip('-brief', 'link'), /eth0@/);
});

t.test('a process with the number of a container that is gone is connected for itself', { skip }, async (t) => {
  const world = await start(t);
  const { daemon } = world;
  const container = makeNetns(t);
  await addLink(container, 'eth0', '02:00:00:00:00:01', '192.0.2.1/24');
  const { netns } = await runInside(t, container);
  writeAttachment(world, netns);
  const byName = await daemon.ask('POST', '/networks/web/connect', { Container: 'c0ffee' });
  t.match(
    [byName.status, byName.text],
    [404, /c0ffee has ended/],
    'the name of the other container does not connect it',
  );
  const own = await daemon.ask('POST', '/networks/web/connect', { Container: netns });
  t.equal(own.status, 200, own.text);
  const [shown, more] = await shownOn(world);
  t.not(shown, 'c0ffee');
  t.equal(more, undefined);
  t.match(await container.ip('-brief', 'link'), /eth1@/);
});

const connects = {
  compat: ['/networks/web/connect', (container: string) => ({ Container: container }), 400],
  v3: ['/v3.4.0/libpod/networks/web/connect', (container: string) => ({ container }), 500],
  v5: ['/v5.4.2/libpod/networks/web/connect', (container: string) => ({ container }), 400],
  podnetd: ['/podnetd/v1/networks/web/connect', (container: string) => ({ container }), 400],
} as const;

async function checkRefused(t: Test, daemon: TestDaemon, container: string, owner: RegExp): Promise<void> {
  for (const [dialect, [url, body, wanted]] of Object.entries(connects)) {
    const { status, text } = await daemon.ask('POST', url, body(container));
    const { message } = JSON.parse(text) as { readonly message: string };
    t.match([status, message], [wanted, owner], `${dialect}: ${container}`);
    t.match(message, /network namespace \/\S+ .* only a container .*--network host/, 'path, rule and remedy');
  }
  t.notOk(existsSync(path.join(daemon.cacheDir, 'results')), 'the cache is empty');
}

async function linksAndRoutes({ ip }: Pick<Netns, 'ip'>): Promise<string> {
  return (await ip('-brief', 'address')) + (await ip('route', 'show', 'table', 'all'));
}

/** Links a name in /run/netns until the test ends. @returns the name */
function linkName(t: Test, target: string): string {
  const name = `podnetd-test-link-${process.pid}-${path.basename(makeScratch(t))}`;
  const place = path.join('/run/netns', name);
  symlinkSync(target, place);
  t.teardown(() => rmSync(place, { force: true }));
  return name;
}

t.test('podnetd’s own namespace by any name is refused', { skip }, async (t) => {
  const { host, daemon } = await start(t);
  const process = await runInside(t, host);
  const before = await linksAndRoutes(host);
  for (const container of [host.name, host.path, process.netns, linkName(t, process.netns), linkName(t, host.path)]) {
    await checkRefused(t, daemon, container, /is podnetd's own/);
  }
  t.equal(await linksAndRoutes(host), before);
});

t.test('the namespace of process 1 is refused', { skip }, async (t) => {
  const { host, ...inner } = { host: await makeHost(t), own: makeNetns(t) };
  // In a namespace of process ids, process 1 stays in one network namespace and podnetd runs in another.
  const script = `nsenter --net=${inner.own.path} -- "$@" & wait`;
  const prefix = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--', 'sh', '-c', script, 'sh'];
  const daemon = await startDaemon(t, { netns: host, prefix, args: ['--cni-plugin-dir', pluginDir] });
  t.teardown(async () => await daemon.stop('SIGKILL'));
  const made = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: false });
  t.equal(made.status, 200, made.text);
  const before = await linksAndRoutes(host);
  for (const container of [host.name, '/proc/1/ns/net']) await checkRefused(t, daemon, container, /that of process 1/);
  t.equal(await linksAndRoutes(host), before);
});

t.test("the namespace of another user's podnetd is refused", { skip }, async (t) => {
  const { daemon } = await start(t);
  const networks = makeNetns(t);
  const keeper = await runInside(t, networks, { PODNETD_ROOTLESS: '/run/user/1000/podnetd' });
  const before = await linksAndRoutes(networks);
  for (const container of [keeper.netns, networks.name]) {
    await checkRefused(t, daemon, container, /networks of another user's podnetd/);
  }
  t.equal(await linksAndRoutes(networks), before);
});

const answer = `'{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","mac":"02:00:00:00:00:01","sandbox":"'$CNI_NETNS'"}],"ips":[]}'`;

t.test('a path that leads elsewhere after the check', { skip }, async (t) => {
  const container = makeNetns(t);
  const name = linkName(t, container.path);
  const place = path.join('/run/netns', name);
  const log = path.join(makeScratch(t), 'log');
  // The first plugin of the chain makes the path lead to the host before the second one runs.
  const see = `cat >/dev/null; echo "$CNI_COMMAND \${CNI_NETNS:-none} $(stat -Lc %i "$CNI_NETNS")" >>${log}`;
  const swap = `ln -sfn "$HOST_NETNS" ${place}`;
  const { host, daemon } = await start(t, {
    first: `${see}\n${swap.replace('$HOST_NETNS', '$(cat "${0%/*}/host")')}\nprintf '%s' ${answer}`,
    second: `${see}\n[ $CNI_COMMAND = DEL ] && exit\nprintf '%s' ${answer}`,
  });
  const { pid } = await runInside(t, host);
  const bin = execFileSync('sh', ['-c', `tr '\\0' '\\n' </proc/${daemon.process.pid}/cmdline`]).toString();
  const [, dir = ''] = /--cni-plugin-dir\n(.*)\n/.exec(bin) ?? [];
  writeFileSync(path.join(dir, 'host'), `/proc/${pid}/ns/net`);
  const plugins = [{ type: 'first' }, { type: 'second' }];
  const conflist = { cniVersion: '0.4.0', name: 'chain', plugins };
  writeFileSync(path.join(daemon.folder, 'chain.conflist'), JSON.stringify(conflist));
  const connected = await daemon.ask('POST', '/podnetd/v1/networks/chain/connect', { container: name });
  t.equal(connected.status, 200, connected.text);
  t.match(connected.json(), { netns: place }, 'the path of the client');
  const inode = String(statSync(container.path).ino);
  const calls = () =>
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
  t.strictSame(
    calls().map(([command, , ino]) => [command, ino]),
    [
      ['ADD', inode],
      ['ADD', inode],
    ],
  );
  const [file = ''] = execFileSync('ls', [path.join(daemon.cacheDir, 'results')])
    .toString()
    .split('\n');
  const written = readFileSync(path.join(daemon.cacheDir, 'results', file), 'utf8');
  t.match(JSON.parse(written), { netns: place, result: { interfaces: [{ sandbox: place }] } });

  await daemon.stop();
  const disconnected = await (
    await startDaemon(t, {
      netns: host,
      folder: daemon.folder,
      args: ['--cni-plugin-dir', dir, '--cni-cache-dir', daemon.cacheDir],
    })
  ).ask('POST', '/podnetd/v1/networks/chain/disconnect', { container: name });
  t.equal(disconnected.status, 204, disconnected.text);
  t.strictSame(
    calls()
      .slice(2)
      .map(([command, netns]) => [command, netns]),
    [
      ['DEL', 'none'],
      ['DEL', 'none'],
    ],
    'the host is never given to a DEL',
  );
});
