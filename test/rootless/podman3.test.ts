import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { inContainer, readGreeting, serveGreeting, startContainer, writeContainersConf } from './user-service.js';

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables';
const skip = missing(...tools.split(' '));

for (const version of ['3.2', '3.4'] as const) {
  t.test(`podnetd uses a namespace that Podman ${version} made, and leaves it`, { skip }, async (t) => {
    const machine = await makeUserMachine(t);
    writeContainersConf(machine);
    const pause = await playPodman3(machine, version);
    const one = await startContainer(machine, pause);
    const two = await startContainer(machine, pause);
    const daemon = await startUserDaemon(machine);
    const ask = async (url: string, body: object) => await daemon.ask('POST', url, body);
    const container = (pid: number) => ({ Container: `/proc/${pid}/ns/net` });
    const before = programs(machine);
    const mounted = netnsOf(machine, pause);
    const request = { name: 'web', subnets: [{ subnet: '10.99.0.0/24' }] };
    t.equal((await ask('/v4.3.1/libpod/networks/create', request)).status, 200);
    const greet = async (what: string) => {
      const text = await inContainer(machine, two, 'ip', ['-4', '-o', 'address', 'show', 'eth0']);
      t.match(await readGreeting(machine, one, /inet ([\d.]+)/.exec(text)?.[1] ?? '', 80), /^hello /, what);
    };

    const mapped = await ask('/podnetd/v1/networks/web/connect', {
      container: `/proc/${one}/ns/net`,
      port_mappings: [{ host_port: 18_080, container_port: 80 }],
    });
    t.match(mapped, { status: 500, text: /the slirp4netns that Podman started has no API socket/ });
    for (const pid of [one, two]) {
      const { status, text } = await ask('/networks/web/connect', container(pid));
      t.equal(status, 200, text);
    }
    await serveGreeting(machine, two, 80);
    await greet('connected');
    t.same(programs(machine), [...before, 'sleep infinity'].toSorted(), 'the slirp4netns of Podman serves it');
    const inside = ['--target', String(pause), '--user', '--mount', '--preserve-credentials', '--'];
    const netns = `--net=${machine.runtimeDir}/netns/rootless-cni-ns`;
    const links = await machine.must('nsenter', [...inside, 'nsenter', netns, 'ip', '-brief', 'link']);
    t.match(links, /^cni-podman1 /m, 'the bridge is in the namespace of Podman');
    const home = `${machine.runtimeDir}/rootless-cni`;
    t.ok(existsSync(machine.outside(`${home}/var/lib/cni/networks/web/10.99.0.3`)), 'leases are where Podman has them');

    for (const pid of [one, two]) t.equal((await ask('/networks/web/disconnect', container(pid))).status, 200);
    t.same(programs(machine), before, 'the programs of Podman still run');
    t.equal(netnsOf(machine, pause), mounted);
    t.ok(existsSync(machine.outside(`${home}/run/systemd`)), 'and the folders of Podman are there');
    t.notMatch(await inContainer(machine, one, 'ip', ['link']), /eth0/);

    // Podman gives its namespace up with its last container, though podnetd has attachments in it.
    t.equal((await ask('/networks/web/connect', container(one))).status, 200);
    await giveUp(machine, pause);
    const { status, text } = await ask('/networks/web/connect', container(two));
    t.equal(status, 200, text);
    await greet('the first container is connected again');

    // Podman may make another namespace before podnetd looks.
    await daemon.ask('POST', '/networks/web/disconnect', container(two));
    await daemon.ask('POST', '/networks/web/disconnect', container(one));
    t.same(programs(machine), [], 'no process is left');
    await makeNamespace(machine, pause, version);
    t.equal((await ask('/networks/web/connect', container(one))).status, 200);
    await giveUp(machine, pause);
    await makeNamespace(machine, pause, version);
    const newer = netnsOf(machine, pause);
    t.equal((await ask('/networks/web/connect', container(two))).status, 200);
    t.equal(netnsOf(machine, pause), newer, 'the namespace of Podman stays in its place');
    await greet('both containers are connected again');
    t.same(programs(machine), ['sleep infinity', 'slirp4netns'], 'one of each');
    for (const pid of [one, two]) t.equal((await ask('/networks/web/disconnect', container(pid))).status, 200);
    t.equal(netnsOf(machine, pause), newer);
    t.same(programs(machine), ['slirp4netns']);
  });
}

/**
 * Does what Podman 3 does at its first container on a bridge: a pause process in a user and a mount namespace, a network namespace that is mounted
 * there, slirp4netns, and the folders that plugins get.
 *
 * source: podman libpod/networking_linux.go@v3.2.0 and @v3.4.4 (GetRootlessCNINetNs), pkg/rootless/rootless_linux.c@v3.4.4
 */
async function playPodman3(machine: UserMachine, version: '3.2' | '3.4'): Promise<number> {
  const [file, args] = machine.wrap('unshare', [
    ...'--user --map-root-user --map-auto --mount --propagation slave sh -c'.split(' '),
    'echo made; exec sleep 100000',
  ]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.unref();
  const pause = child.pid ?? 0;
  const pidFile = `${machine.runtimeDir}/libpod/tmp/pause.pid`;
  await machine.must('sh', ['-c', `mkdir -p ${path.dirname(pidFile)} && printf ${pause} >${pidFile}`]);
  await makeNamespace(machine, pause, version);
  return pause;
}

async function makeNamespace(machine: UserMachine, pause: number, version: '3.2' | '3.4'): Promise<void> {
  const { runtimeDir } = machine;
  const home = `${runtimeDir}/rootless-cni`;
  const folders = [
    version === '3.2' ? `${home}/var` : `${home}/var/lib/cni`,
    `${home}/run/systemd`,
    `${home}${runtimeDir}/netns`,
  ];
  const script = [
    `mkdir -p ${runtimeDir}/netns ${folders.join(' ')}`,
    `findmnt ${runtimeDir}/netns >/dev/null || mount --rbind --make-rshared ${runtimeDir}/netns ${runtimeDir}/netns`,
    `touch ${runtimeDir}/netns/rootless-cni-ns`,
    `unshare --net=${runtimeDir}/netns/rootless-cni-ns true`,
    `echo nameserver 10.0.2.3 >${home}/resolv.conf`,
  ];
  const inside = ['--target', String(pause), '--user', '--mount', '--preserve-credentials', '--'];
  await machine.must('nsenter', [...inside, 'sh', '-ec', script.join('\n')]);
  const slirp =
    'slirp4netns --disable-host-loopback --mtu=65520 --enable-sandbox --enable-seccomp -c -r 3 --netns-type=path';
  const start = `unshare --mount ${slirp} ${runtimeDir}/netns/rootless-cni-ns tap0 3>&1 >/dev/null 2>&1 & printf $! >${home}/rootless-cni-slirp4netns.pid`;
  const [file, args] = machine.wrap('nsenter', [...inside, 'sh', '-c', start]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.unref();
}

/** source: podman libpod/networking_linux.go@v4.3.1 (Cleanup). Podman 3 does it only while the result cache is empty. */
async function giveUp(machine: UserMachine, pause: number): Promise<void> {
  const { runtimeDir } = machine;
  const home = `${runtimeDir}/rootless-cni`;
  const slirp = Number(readFileSync(machine.outside(`${home}/rootless-cni-slirp4netns.pid`), 'utf8'));
  const inside = ['--target', String(pause), '--user', '--mount', '--preserve-credentials', '--'];
  await machine.must('nsenter', [...inside, 'umount', '--lazy', `${runtimeDir}/netns/rootless-cni-ns`]);
  await machine.must('rm', ['-f', `${runtimeDir}/netns/rootless-cni-ns`]);
  await machine.must('kill', [String(slirp)]);
  for (let tries = 0; machine.processes().has(slirp) && tries < 500; tries += 1) await sleep(10);
}

/** The network namespace that Podman sees at its place. */
function netnsOf({ runtimeDir }: UserMachine, pause: number): number {
  return statSync(`/proc/${pause}/root${runtimeDir}/netns/rootless-cni-ns`).ino;
}

/** The namespace's programs that run. */
function programs(machine: UserMachine): readonly string[] {
  return [...machine.processes().values()]
    .flatMap((command) => /^sleep infinity|dnsmasq|slirp4netns/.exec(command)?.[0] ?? [])
    .toSorted();
}
