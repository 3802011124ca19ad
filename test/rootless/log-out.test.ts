import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { listRuntimeFiles, startUserDaemon, type UserDaemon } from './user-daemon.js';
import { readGreeting, serveGreeting, startContainer, writeContainersConf } from './user-service.js';

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables dnsmasq /usr/lib/cni/dnsname';
const skip = missing(...tools.split(' '));
const tries = rounds(1, 20);
t.setTimeout(60_000 + tries * 60_000);

/** Ways in which a login ends; the folder of networks outlives each. */
const ends: readonly { readonly what: string; end(machine: UserMachine): Promise<void> }[] = [
  { what: 'every process of the user is killed', end: async (machine) => await machine.logOut() },
  {
    what: 'the processes are killed and the run-time folder is removed',
    async end(machine) {
      await machine.logOut();
      await emptyRuntimeDir(machine);
    },
  },
  { what: 'the run-time folder is emptied while the processes run', end: emptyRuntimeDir },
];

for (const { what, end } of ends) {
  t.test(`${what}, in the middle of a connect`, { skip }, async (t) => {
    const machine = await makeUserMachine(t);
    writeContainersConf(machine);
    let daemon = await startUserDaemon(machine);
    t.equal((await ask(daemon, 'networks/create', { Name: 'web', IPAM: config })).status, 201);
    const longestMs = await measure(t, machine, daemon);
    for (let round = 0; round < tries; round += 1) {
      const mounts = machine.mounts();
      const [one, two] = await startPair(machine);
      t.equal((await ask(daemon, 'networks/web/connect', container(one))).status, 200);
      const asking = ask(daemon, 'networks/web/connect', container(two)).catch(() => undefined);
      await sleep((longestMs * (round * 7 + 3)) % longestMs);
      await end(machine);
      await daemon.stop('SIGKILL');
      await asking;

      daemon = await startUserDaemon(machine);
      const again = isLive(machine, one) ? ([one, two] as const) : await startPair(machine);
      for (const pid of again) {
        const answer = await ask(daemon, 'networks/web/connect', container(pid));
        // The killed daemon may have connected a process that lives on.
        t.ok(
          answer.status === 200 || answer.text.includes('is already connected'),
          `the next connect works: ${answer.text}`,
        );
      }
      await serveGreeting(machine, again[1], 80);
      const second = await machine.must('nsenter', [...into(again[1]), 'ip', '-4', '-o', 'address', 'show', 'eth0']);
      t.match(await readGreeting(machine, again[0], /inet ([\d.]+)/.exec(second)?.[1] ?? '', 80), /^hello /);
      t.same(programs(machine), ['dnsmasq', 'sleep infinity', 'slirp4netns'], 'one of each');
      for (const pid of again) t.equal((await ask(daemon, 'networks/web/disconnect', container(pid))).status, 200);
      const collected = (await ask(daemon, 'podnetd/v1/networks/web/gc', {})).json() as readonly object[];
      t.strictSame(
        collected.filter((one) => 'error' in one),
        [],
      );
      t.same(programs(machine), [], 'no process is left');
      const left = (await listRuntimeFiles(machine)).filter((file) => !/^rootless-cni\/resolv\.conf$/.test(file));
      t.strictSame(left, [], 'no file of a container');
      for (const pid of [one, two, ...again]) endContainer(pid);
      await daemon.stop();
      t.strictSame(machine.mounts(), mounts, 'no mount');
      daemon = await startUserDaemon(machine);
    }
  });
}

const config = { Config: [{ Subnet: '10.99.0.0/24' }] };
const container = (pid: number) => ({ Container: `/proc/${pid}/ns/net` });
const into = (pid: number) => ['--target', String(pid), '--user', '--net', '--preserve-credentials', '--'];

async function ask(daemon: UserDaemon, url: string, body: object) {
  return await daemon.ask('POST', `/${url}`, body);
}

async function startPair(machine: UserMachine): Promise<readonly [number, number]> {
  const first = await startContainer(machine);
  return [first, await startContainer(machine, first)];
}

async function measure(t: Test, machine: UserMachine, daemon: UserDaemon): Promise<number> {
  const [one, two] = await startPair(machine);
  t.equal((await ask(daemon, 'networks/web/connect', container(one))).status, 200);
  const begun = performance.now();
  t.equal((await ask(daemon, 'networks/web/connect', container(two))).status, 200);
  const tookMs = performance.now() - begun;
  for (const pid of [one, two]) t.equal((await ask(daemon, 'networks/web/disconnect', container(pid))).status, 200);
  for (const pid of [one, two]) endContainer(pid);
  return tookMs;
}

async function emptyRuntimeDir({ runtimeDir, uid, mustRoot }: UserMachine): Promise<void> {
  const fresh = `mount -t tmpfs -o mode=700,uid=${uid},gid=${uid} tmpfs ${runtimeDir}`;
  await mustRoot('sh', ['-c', `umount --lazy ${runtimeDir} && ${fresh}`]);
}

function isLive(machine: UserMachine, pid: number): boolean {
  return machine.processes().has(pid);
}

/** The namespace's programs that run. */
function programs(machine: UserMachine): readonly string[] {
  return [...machine.processes().values()]
    .flatMap((command) => /^sleep infinity|dnsmasq|slirp4netns/.exec(command)?.[0] ?? [])
    .toSorted();
}

function endContainer(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // The log-out ended it.
  }
}
