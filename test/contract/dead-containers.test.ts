import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns, removeNetns, type Netns } from '../support/netns.js';
import { servePodman, type Podman } from '../support/podman.js';
import { containerTools, runContainer } from '../support/podman-container.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { checkNothingLeft, readRules } from '../support/traces.js';

/** Containers that ended without a DEL: a removal of their network takes what they left along. */

const pluginDir = '/usr/lib/cni';
const cacheDir = '/var/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', 'ip6tables-save', 'dnsmasq', `${pluginDir}/dnsname`);
const podmanSkip = { skip: skip || missing(...containerTools) };

interface World {
  readonly host: Host;
  readonly daemon: TestDaemon;
}

async function start(t: Test, ...pluginDirs: readonly string[]): Promise<World> {
  const host = await makeHost(t);
  const folders = [...pluginDirs, pluginDir].flatMap((folder) => ['--cni-plugin-dir', folder]);
  return { host, daemon: await startDaemon(t, { netns: host, args: [...folders, '--cni-cache-dir', cacheDir] }) };
}

async function must({ daemon }: World, method: string, url: string, body?: object): Promise<Answer> {
  const answer = await daemon.ask(method, url, body);
  if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  return answer;
}

const subnets = [{ subnet: '10.71.0.0/24' }, { subnet: 'fd71::/64' }];

async function create(world: World, name = 'web'): Promise<void> {
  await must(world, 'POST', '/v5.4.2/libpod/networks/create', { name, dns_enabled: true, ipv6_enabled: true, subnets });
}

async function connect(world: World, { name }: Netns, port?: number): Promise<string> {
  const ports = port === undefined ? {} : { port_mappings: [{ host_port: port, container_port: 80 }] };
  const answer = await must(world, 'POST', '/podnetd/v1/networks/web/connect', { container: name, ...ports });
  return (answer.json() as { subnets: readonly { ipnet: string }[] }).subnets[0]?.ipnet.replace(/\/.*/, '') ?? '';
}

/** The network is as good as one on a host that never had it. */
async function checkNetworkWorks(t: Test, world: World): Promise<void> {
  const [one, two] = [makeNetns(t), makeNetns(t)];
  await connect(world, one, 18_080);
  const address = await connect(world, two);
  t.equal(await lookUp(one, `${two.name}.dns.podman`), address, 'names resolve');
  for (const { name } of [one, two]) await must(world, 'POST', '/networks/web/disconnect', { Container: name });
  await must(world, 'DELETE', '/networks/web');
  await checkNothingLeft(t, world.host, cacheDir, ['web']);
}

async function lookUp(from: Netns, name: string): Promise<string> {
  const script = `const resolver = new (require('dns').Resolver)({ timeout: 1000, tries: 3 });
    resolver.setServers(['10.71.0.1']);
    resolver.resolve4('${name}', (error, found) => console.log(String(error ?? found)))`;
  return (await from.run(process.execPath, ['-e', script])).stdout.trim();
}

for (const [title, method, url] of [
  ['a removal', 'DELETE', '/networks/web'],
  ['a removal of libpod by id', 'DELETE', '/v5.4.2/libpod/networks/ID'],
  ['a prune', 'POST', '/networks/prune'],
] as const) {
  t.test(`${title} frees what the dead left, and the name can be had again`, { skip }, async (t) => {
    const world = await start(t);
    await create(world);
    const { id } = (await must(world, 'GET', '/v5.4.2/libpod/networks/web/json')).json() as { readonly id: string };
    const boxes = [makeNetns(t, false), makeNetns(t, false)];
    for (const [index, box] of boxes.entries()) await connect(world, box, 18_080 + index);
    for (const box of boxes) removeNetns(box);
    const answer = await must(world, method, url.replace('ID', id));
    t.equal(answer.headers['warning'], undefined);
    await checkNothingLeft(t, world.host, cacheDir, ['web']);
    await create(world);
    await checkNetworkWorks(t, world);
  });
}

t.test(
  "a dead container of Podman's breaks neither the next network nor Podman's next container",
  podmanSkip,
  async (t) => {
    const world = await start(t);
    const { host, daemon } = world;
    await create(world);
    const podman = await servePodman(t, { netns: host, folder: daemon.folder, pluginDir });
    await runContainer(t, podman, 'front', 'web');
    await killWithoutDel(host, await inspect(podman, 'front'));
    t.match(await host.run('ls', [`${cacheDir}/results`]), { stdout: /^web-/ }, 'no DEL was run');
    const answer = await must(world, 'DELETE', '/v5.4.2/libpod/networks/web');
    t.equal(answer.headers['warning'], undefined);
    await checkNothingLeft(t, host, cacheDir, ['web']);

    await create(world);
    await runContainer(t, podman, 'next', 'web');
    const other = makeNetns(t);
    await connect(world, other);
    t.match(await lookUp(other, 'next.dns.podman'), /^10\.71\.0\.\d+$/);
    t.equal(await lookUp(other, 'front.dns.podman'), 'Error: queryA ENOTFOUND front.dns.podman');
    await podman.must('rm', '--force', '--time', '0', 'next');
    await must(world, 'POST', '/networks/web/disconnect', { Container: other.name });
    await checkNothingLeft(t, host, cacheDir, ['web']);
  },
);

interface Killed {
  readonly pid: number;
  readonly conmon: number;
  readonly netns: string;
}

async function inspect(podman: Pick<Podman, 'must'>, name: string): Promise<Killed> {
  const format = '{{.State.Pid}} {{.State.ConmonPid}} {{.NetworkSettings.SandboxKey}}';
  const [pid, conmon, netns = ''] = (await podman.must('container', 'inspect', '--format', format, name))
    .trim()
    .split(' ');
  return { pid: Number(pid), conmon: Number(conmon), netns };
}

/** As a crash of the machine does it: without conmon, nothing cleans up. */
async function killWithoutDel(host: Host, { pid, conmon, netns }: Killed): Promise<void> {
  for (const killed of [conmon, pid]) process.kill(killed, 'SIGKILL');
  for (let tries = 0; existsSync(`/proc/${pid}/ns/net`) && tries < 1000; tries += 1) await sleep(10);
  const { code, stderr } = await host.run('ip', ['netns', 'delete', path.basename(netns)]);
  if (code !== 0) throw new Error(stderr);
}

t.test('what cannot be freed is a warning, and can be freed later', { skip }, async (t) => {
  const bin = path.join(makeScratch(t), 'bin');
  mkdirSync(bin);
  const broken = path.join(bin, 'broken');
  // In the place of a plugin of the chain, it fails to undo as long as it is told to.
  writeFileSync(
    path.join(bin, 'tuning'),
    `#!/bin/sh
if [ "$CNI_COMMAND" = DEL ] && [ -e ${broken} ]; then echo '{"code":11,"msg":"no way"}'; exit 1; fi
exec ${pluginDir}/tuning`,
  );
  chmodSync(path.join(bin, 'tuning'), 0o755);
  for (const [method, url] of [
    ['DELETE', '/networks/web'],
    ['POST', '/networks/prune'],
  ] as const) {
    const world = await start(t, bin);
    await create(world);
    const box = makeNetns(t, false);
    await connect(world, box);
    removeNetns(box);
    writeFileSync(broken, '');
    const stuck = await must(world, 'POST', '/podnetd/v1/networks/web/gc');
    t.match(stuck.json(), [{ name: box.name, error: /no way$/, remedy: 'send the request again later' }]);
    const { headers } = await must(world, method, url);
    const reason = String.raw`interface eth0 of container ${box.name}, which is gone, could not be freed: plugin type=\"tuning\" failed (delete): no way`;
    t.equal(headers['warning'], `299 podnetd "${reason}; POST /podnetd/v1/networks/web/gc tries again"`);
    t.match(
      world.daemon.log().filter(({ level }) => level === 40),
      [{ msg: /eth0 .* could not be freed/ }],
    );
    rmSync(broken);
    t.match((await must(world, 'POST', '/podnetd/v1/networks/web/gc')).json(), [{ name: box.name }]);
    await checkNothingLeft(t, world.host, cacheDir, ['web']);
  }
});

t.test('a removal that is refused frees nothing', { skip }, async (t) => {
  const world = await start(t);
  await create(world);
  const [dead, living] = [makeNetns(t, false), makeNetns(t)];
  for (const box of [dead, living]) await connect(world, box);
  removeNetns(dead);
  const before = await readRules(world.host);
  t.match(await world.daemon.ask('DELETE', '/networks/web'), { status: 403, text: new RegExp(living.name) });
  await must(world, 'POST', '/networks/prune');
  t.strictSame(await readRules(world.host), before);
  await must(world, 'POST', '/podnetd/v1/networks/web/gc');
  await must(world, 'POST', '/networks/web/disconnect', { Container: living.name });
  await checkNothingLeft(t, world.host, cacheDir, ['web']);
});

for (const [title, method, url] of [
  ['removal', 'DELETE', '/networks/web'],
  ['prune', 'POST', '/networks/prune'],
  ['collection', 'POST', '/podnetd/v1/networks/web/gc'],
] as const) {
  t.test(`a ${title} frees what only a lease tells of`, { skip }, async (t) => {
    const world = await start(t);
    const { host } = world;
    const body = { name: 'web', ipv6_enabled: true, subnets, dns_enabled: false };
    await must(world, 'POST', '/v5.4.2/libpod/networks/create', body);
    const [dead, living] = [makeNetns(t, false), makeNetns(t)];
    await connect(world, dead, 18_080);
    removeNetns(dead);
    // As a runtime leaves it that ends before it has written down what its plugins did.
    t.match(await host.run('sh', ['-c', `rm ${cacheDir}/results/*`]), { code: 0 });
    if (title === 'collection') {
      await connect(world, living);
      const before = await readRules(host);
      const collected = (await must(world, method, url)).json();
      t.match(collected, [{ container: /^[0-9a-f]{64}$/, interface: 'eth0' }]);
      t.equal((collected as readonly object[]).length, 1);
      t.not((await readRules(host)).length, before.length);
      t.strictSame((await must(world, method, url)).json(), []);
      await must(world, 'POST', '/networks/web/disconnect', { Container: living.name });
    } else {
      const answer = await must(world, method, url);
      t.equal(answer.headers['warning'], undefined);
    }
    await checkNothingLeft(t, host, cacheDir, ['web']);
  });
}
