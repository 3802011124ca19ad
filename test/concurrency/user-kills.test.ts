import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startUserDaemon, type UserDaemon } from '../rootless/user-daemon.js';
import { inContainer, startContainer, writeContainersConf } from '../rootless/user-service.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables dnsmasq /usr/lib/cni/dnsname';
const skip = missing(...tools.split(' '));
const kills = rounds(8, 100);
t.setTimeout(60_000 + kills * 15_000);

t.test('the next start repairs the leftovers of a kill at any step of a user’s connect', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const pid = await startContainer(machine);
  const mounts = machine.mounts();
  let daemon = await startUserDaemon(machine);
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'killed' })).status, 201);
  const maxDelayMs = await measure(t, daemon, pid);
  const seen = { connected: 0, free: 0, cutShort: 0, cutMaking: 0 };
  let isAttached = false;
  for (let round = 0; round < kills; round += 1) {
    const asking = ask(daemon, isAttached ? 'disconnect' : 'connect', pid);
    await sleep((maxDelayMs * ((round * 37) % kills)) / kills);
    await daemon.stop('SIGKILL');
    if (!(await asking)) seen.cutShort += 1;
    if (!isAttached && isHalfMade(machine)) seen.cutMaking += 1;
    daemon = await startUserDaemon(machine);
    const after = await settle(machine, pid, daemon);
    isAttached = after.cached > 0;
    seen[isAttached ? 'connected' : 'free'] += 1;
    t.same(after, isAttached ? attached : free, `round ${round}`);
    if (!isAttached) t.strictSame(machine.mounts(), mounts, `round ${round}: mounts`);
  }
  t.comment(seen);
  t.ok(seen.cutShort > 0, 'kills fell into the middle');
  if (isAttached) t.ok(await ask(daemon, 'disconnect', pid));
  t.same(await readTraces(machine, pid, daemon), free);
  t.strictSame(machine.mounts(), mounts);
});

interface Traces {
  /** Names of the running programs, without the daemon and the container. */
  readonly processes: readonly string[];
  readonly cached: number;
  readonly intents: number;
  readonly leases: number;
  readonly links: number;
  /** Files of the namespace: dnsname's and podnetd's. */
  readonly files: readonly string[];
}

const free: Traces = { processes: [], cached: 0, intents: 0, leases: 0, links: 0, files: [] };
const attached: Traces = {
  processes: ['dnsmasq', 'sleep', 'slirp4netns'],
  cached: 1,
  intents: 0,
  leases: 1,
  links: 1,
  files: ['netns/rootless-cni-ns', 'podnetd/rootless.json', 'podnetd/rootless.pipe', 'podnetd/slirp4netns.sock'],
};

async function readTraces(machine: UserMachine, pid: number, daemon: UserDaemon): Promise<Traces> {
  const inside = await inContainer(machine, pid, 'ip', ['-brief', 'link']);
  const others = [...machine.processes()].filter(([found]) => found !== pid && found !== daemon.process.pid);
  const count = (folder: string, pattern: RegExp) =>
    listFiles(machine, folder).filter((name) => pattern.test(name)).length;
  const own = listFiles(machine, 'podnetd').filter((name) => !/^\.?podnetd\.sock|\.lock$/.test(name));
  return {
    processes: others.map(([, command]) => /^(\S*\/)?([^/\s]+)/.exec(command)?.[2] ?? '').toSorted(),
    cached: count('rootless-cni/var/lib/cni/results', /./),
    intents: count('rootless-cni/var/lib/cni/podnetd', /./),
    leases: count('rootless-cni/var/lib/cni/networks/killed', /^\d+\.\d+\.\d+\.\d+$/),
    links: inside.match(/^eth\d/gm)?.length ?? 0,
    files: [
      ...listFiles(machine, 'netns').map((name) => `netns/${name}`),
      ...own.map((name) => `podnetd/${name}`),
    ].toSorted(),
  };
}

/** Waits until the repair of the start has ended. @returns the traces then */
async function settle(machine: UserMachine, pid: number, daemon: UserDaemon): Promise<Traces> {
  for (let tries = 0; tries < 300; tries += 1) {
    const traces = await readTraces(machine, pid, daemon);
    const wanted = traces.cached > 0 ? attached : free;
    if (JSON.stringify(traces) === JSON.stringify(wanted)) return traces;
    await sleep(30);
  }
  return await readTraces(machine, pid, daemon);
}

/** Milliseconds, more than a connect or a disconnect takes on this machine, so that kills fall on every step of them. */
async function measure(t: Test, daemon: UserDaemon, pid: number): Promise<number> {
  let longestMs = 0;
  for (const action of ['connect', 'disconnect'] as const) {
    const begun = performance.now();
    t.ok(await ask(daemon, action, pid), action);
    longestMs = Math.max(longestMs, performance.now() - begun);
  }
  return longestMs * 1.6;
}

/** @returns whether the daemon answered 200 before it died */
async function ask(daemon: UserDaemon, action: 'connect' | 'disconnect', pid: number): Promise<boolean> {
  const container = `/proc/${pid}/ns/net`;
  try {
    const body = { container, Container: container, Force: false };
    return (await daemon.ask('POST', `/v1.41/networks/killed/${action}`, body)).status === 200;
  } catch {
    return false;
  }
}

function listFiles(machine: UserMachine, folder: string): readonly string[] {
  const seen = machine.outside(`${machine.runtimeDir}/${folder}`);
  return existsSync(seen) ? readdirSync(seen) : [];
}

/** Whether the daemon began to make the namespace and did not finish. */
function isHalfMade(machine: UserMachine): boolean {
  const [state = '', pipe = ''] = ['rootless.json', 'rootless.pipe'].map((name) =>
    machine.outside(`${machine.runtimeDir}/podnetd/${name}`),
  );
  return existsSync(pipe) && !(existsSync(state) && readFileSync(state, 'utf8').includes('"slirp"'));
}
