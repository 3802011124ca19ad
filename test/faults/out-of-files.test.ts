import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { encodeIntent } from '../../src/cni/runtime/intent.js';
import { cacheFileName } from '../../src/cni/attachments/entry-faults.js';
import { HeldFile } from '../../src/host/file-locks/held-file.js';
import { cacheEntry, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { ask, type Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { injectFaults } from '../support/inject-faults.js';
import { liftFileLimit, limitFiles } from '../support/limit-files.js';
import { makeNetns } from '../support/netns.js';
import { countOpen, settleOpen } from '../support/process-counts.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { pidOf } from './changes.js';
import { checkSane } from './networks.js';

/**
 * podnetd has no descriptor left: each answer is right or reports the failure. podnetd never takes a file that it cannot read for a missing one,
 * least of all a file with attachments.
 */

const pluginDir = '/usr/lib/cni';
const holderId = 'feedfacefeedface';

function writeNetwork(folder: string, name: string, subnet: string): void {
  const ipam = {
    type: 'host-local',
    routes: [{ dst: '0.0.0.0/0' }],
    ranges: [[{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1` }]],
  };
  const bridge = { type: 'bridge', bridge: `br-${name}`, isGateway: true, ipMasq: true, hairpinMode: true, ipam };
  const firewall = { type: 'firewall', backend: '' };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  const conflist = { cniVersion: '0.4.0', name, plugins: [bridge, portmap, firewall, { type: 'tuning' }] };
  writeFileSync(path.join(folder, `${name}.conflist`), JSON.stringify(conflist));
}

/** Waits until the addons that podnetd loads late are loaded. */
async function awaitAddons(daemon: TestDaemon): Promise<void> {
  const maps = () => readFileSync(`/proc/${pidOf(daemon)}/maps`, 'utf8');
  for (let tries = 0; tries < 1_000 && !/koffi.*\.node$/m.test(maps()); tries += 1) await sleep(10);
}

/** Three networks that are in use: by the result cache, by a lease, by a connect under way. */
const used = ['cached', 'leased', 'worked'];

/** @returns a function that writes the result cache and the lease anew, and the pid of the process with the lease */
async function useNetworks(t: Test, daemon: TestDaemon): Promise<{ renew: () => void; holder: number }> {
  const { folder, cacheDir, leaseDir } = daemon;
  for (const [index, name] of used.entries()) writeNetwork(folder, name, `10.77.${index}`);
  const holder = spawn('sleep', ['1000'], { argv0: holderId, stdio: 'ignore' });
  const ended = new Promise((resolve) => holder.once('exit', resolve));
  t.teardown(async () => {
    holder.kill();
    await ended;
  });
  const netns = makeNetns(t).path;
  const entry = cacheEntry('worked', 'beef', { netns });
  const intents = path.join(cacheDir, 'podnetd');
  mkdirSync(intents, { recursive: true, mode: 0o700 });
  const held = await HeldFile.make(path.join(intents, cacheFileName(entry)), encodeIntent({ operation: 'add', entry }));
  t.teardown(() => held?.release());
  const write = () => {
    for (const dir of [path.join(cacheDir, 'results'), leaseDir]) rmSync(dir, { recursive: true, force: true });
    writeCacheEntry(cacheDir, cacheEntry('cached', 'c0ffee', { netns }));
    writeLease(leaseDir, 'leased', '10.77.1.2', holderId);
  };
  write();
  return { renew: write, holder: holder.pid ?? 0 };
}

function checkAllThere(t: Test, daemon: TestDaemon, what: string): void {
  const absent = used.filter((name) => !existsSync(path.join(daemon.folder, `${name}.conflist`)));
  if (absent.length > 0) t.strictSame(absent, [], `${what}: no network in use is removed`);
}

interface Question {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  /** Status for a fault of storage. */
  readonly failure: number;
  readonly isRight: (answer: Answer) => boolean;
}

const listed = ({ text }: Answer, key: string) =>
  (JSON.parse(text) as readonly Readonly<Record<string, unknown>>[])
    .map((network) => String(network[key]))
    .toSorted()
    .join();

const questions: readonly Question[] = [
  {
    method: 'GET',
    url: '/networks',
    failure: 507,
    isRight: (answer) => listed(answer, 'Name') === 'bridge,cached,leased,worked',
  },
  {
    method: 'GET',
    url: '/v4.3.1/libpod/networks/json',
    failure: 507,
    isRight: (answer) => listed(answer, 'name') === 'cached,leased,podman,worked',
  },
  { method: 'GET', url: '/v3.2.0/libpod/networks/cached/json', failure: 500, isRight: ({ status }) => status === 200 },
  {
    method: 'GET',
    url: `/v1.41/networks?filters=${encodeURIComponent('{"dangling":["true"]}')}`,
    failure: 507,
    isRight: (answer) => ['', 'worked'].includes(listed(answer, 'Name')),
  },
  { method: 'DELETE', url: '/networks/cached', failure: 507, isRight: ({ status }) => status === 403 },
  { method: 'DELETE', url: '/v4.3.1/libpod/networks/leased', failure: 507, isRight: ({ status }) => status === 409 },
  {
    method: 'DELETE',
    url: '/v3.2.0/libpod/networks/worked',
    failure: 500,
    isRight: ({ text }) => text.includes('network is being used'),
  },
  { method: 'POST', url: '/networks/prune', failure: 507, isRight: ({ text }) => text === '{"NetworksDeleted":[]}\n' },
  {
    method: 'POST',
    url: '/v4.3.1/libpod/networks/cached/connect',
    body: { container: 'nope' },
    failure: 507,
    isRight: ({ status }) => status === 404,
  },
  {
    method: 'POST',
    url: '/networks/worked/disconnect',
    body: { Container: 'c0ffee' },
    failure: 507,
    isRight: ({ status }) => status === 400,
  },
  {
    method: 'POST',
    url: '/networks/create',
    body: { Name: 'cached' },
    failure: 507,
    isRight: ({ status }) => status === 409,
  },
  { method: 'GET', url: '/_ping', failure: 0, isRight: ({ text }) => text === 'OK' },
];

t.test('descriptors run out', { skip: missing('prlimit', 'ip') }, async (t) => {
  const steps = rounds(0, 40);
  const frees = steps > 0 ? Array.from({ length: steps }, (_, index) => index) : [0, 1, 3, 5, 8];
  let refused = 0;
  for (const free of frees) {
    const daemon = await startDaemon(t);
    await useNetworks(t, daemon);
    await awaitAddons(daemon);
    // One kept connection, because the daemon would accept no new one.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const put = async ({ method, url, body }: Question) => await ask(daemon.socket, method, url, body, {}, agent);
    const check = async (question: Question, mayFail: boolean) => {
      const answer = await put(question);
      const what = `${free} left: ${question.method} ${question.url}: ${answer.status} ${answer.text}`;
      if (mayFail && answer.status === question.failure && answer.text.includes('too many open files')) refused += 1;
      else t.ok(question.isRight(answer), what);
      checkAllThere(t, daemon, what);
    };
    t.equal((await put({ method: 'GET', url: '/_ping', failure: 0, isRight: () => true })).status, 200);
    limitFiles(pidOf(daemon), free);
    for (const question of questions) await check(question, true);
    liftFileLimit(pidOf(daemon));
    for (const question of questions) await check(question, false);
    const made = await daemon.ask('POST', '/networks/create', { Name: 'after' });
    t.equal(made.status, 201, made.text);
    checkSane(t, daemon);
    agent.destroy();
    await daemon.stop();
  }
  t.ok(refused > 10, `${refused} requests were refused`);
});

t.test(
  'connections that cannot be accepted are served later, or cut',
  { skip: missing('prlimit', 'ip') },
  async (t) => {
    const daemon = await startDaemon(t);
    await daemon.ask('GET', '/networks');
    const before = countOpen(pidOf(daemon));
    for (const free of [0, 2]) {
      limitFiles(pidOf(daemon), free);
      const ends = Array.from({ length: 50 }, async () => {
        const socket = connect(daemon.socket);
        let answer = '';
        socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        socket.on('error', () => {});
        socket.write('GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n');
        await new Promise((resolve) => socket.once('close', resolve));
        return answer;
      });
      const timer = setTimeout(() => liftFileLimit(pidOf(daemon)), 200);
      for (const answer of await Promise.all(ends)) t.match(answer, /^$|^HTTP\/1\.1 200 OK/);
      clearTimeout(timer);
      liftFileLimit(pidOf(daemon));
      t.equal((await daemon.ask('GET', '/networks')).status, 200, 'the daemon serves after it');
    }
    const after = await settleOpen(pidOf(daemon), before);
    t.ok(after.descriptors <= before.descriptors, `${after.descriptors} descriptors after ${before.descriptors}`);
    checkSane(t, daemon);
  },
);

t.test('a prune that cannot see all attachments removes nothing', { skip: missing('strace', 'ip') }, async (t) => {
  const daemon = await startDaemon(t);
  const { renew, holder } = await useNetworks(t, daemon);
  const { cacheDir, leaseDir } = daemon;
  const prune = async () => await daemon.ask('POST', '/networks/prune');
  t.strictSame((await prune()).json(), { NetworksDeleted: [] });

  // Only the n-th file cannot be opened, and then none from the n-th on.
  const last = rounds(24, 400);
  let refused = 0;
  for (let nth = 1; nth <= last; nth += 1) {
    for (const [error, when] of [
      ['EMFILE', `${nth}`],
      ['ENFILE', `${nth}+`],
    ] as const) {
      renew();
      const answer = await injectFaults(pidOf(daemon), [{ calls: 'openat', error, when }], [], prune);
      if (answer.status === 507) refused += 1;
      else t.strictSame([answer.status, answer.text], [200, '{"NetworksDeleted":[]}\n'], `${error} at ${when}`);
      checkAllThere(t, daemon, `${error} at ${when}`);
    }
  }
  for (let nth = 1; nth <= used.length + 1; nth += 1) {
    for (const [index, name] of used.entries()) writeNetwork(daemon.folder, name, `10.77.${index}`);
    const faults = [{ calls: 'openat', error: 'EMFILE', when: `${nth}` }];
    const answer = await injectFaults(pidOf(daemon), faults, [], async () => await daemon.ask('GET', '/networks'));
    if (answer.status === 507) refused += 1;
    else t.equal(listed(answer, 'Name'), 'bridge,cached,leased,worked', `no network is missing at ${nth}`);
  }
  t.ok(refused >= 12, `${refused} requests were refused`);

  const at = (...names: readonly string[]) => path.join(cacheDir, ...names);
  renew();
  const unseen = await injectFaults(
    pidOf(daemon),
    [{ calls: 'openat', error: 'EMFILE' }],
    [`/proc/${holder}/cmdline`],
    prune,
  );
  t.match([unseen.status, unseen.text], [507, /cmdline: EMFILE/], 'a process that cannot be read may have the lease');
  for (const error of ['EIO', 'EACCES', 'ENOMEM']) {
    for (const target of [
      at('results'),
      at('results', readdirSync(at('results'))[0] ?? ''),
      // As the daemon names them.
      '/var/lib/cni/networks',
      '/var/lib/cni/networks/leased',
      '/var/lib/cni/networks/leased/10.77.1.2',
      at('podnetd'),
      at('podnetd', readdirSync(at('podnetd'))[0] ?? ''),
      '/proc',
    ]) {
      renew();
      const what = `${error} on ${target}`;
      await injectFaults(pidOf(daemon), [{ calls: 'openat', error }], [target], async () => {
        for (const name of used) {
          const { status, text } = await daemon.ask('DELETE', `/networks/${name}`);
          t.ok([403, 507].includes(status), `${what}: ${name}: ${text}`);
        }
        const answer = await prune();
        if (answer.status !== 507) t.strictSame(answer.json(), { NetworksDeleted: [] }, what);
      });
      checkAllThere(t, daemon, what);
    }
  }
  renew();
  t.strictSame((await prune()).json(), { NetworksDeleted: [] });
  for (const dir of [cacheDir, leaseDir]) rmSync(dir, { recursive: true });
  t.strictSame((await prune()).json(), { NetworksDeleted: used }, 'a prune removes the networks when they are unused');
  checkSane(t, daemon);
});

const connectSkip = missing('prlimit', 'ip', 'nsenter', 'unshare', `${pluginDir}/bridge`);

t.test('connects that run out of descriptors can be made again', { skip: connectSkip }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  writeNetwork(daemon.folder, 'web', '10.77.0');
  const box = makeNetns(t);
  const url = '/v4.3.1/libpod/networks/web';
  const put = async (action: string) =>
    await ask(daemon.socket, 'POST', `${url}/${action}`, { container: box.name }, {}, agent);
  for (const action of ['connect', 'disconnect']) t.equal((await put(action)).status, 200);
  const frees = rounds(0, 1) === 0 ? [1, 6, 9, 12] : Array.from({ length: 30 }, (_, index) => index);
  for (const free of frees) {
    for (const action of ['connect', 'disconnect']) {
      limitFiles(pidOf(daemon), free);
      const short = await put(action);
      liftFileLimit(pidOf(daemon));
      if (short.status === 200) continue;
      t.ok([500, 507].includes(short.status), `${action} with ${free} left: ${short.text}`);
      t.match(short.text, /EMFILE|too many open files/, `${action} with ${free} left`);
      const again = await put(action);
      t.equal(again.status, 200, `${action} again: ${again.text}`);
    }
    t.strictSame(readdirSync(path.join(daemon.cacheDir, 'podnetd')), [], 'no intent is left');
    t.notMatch(await box.ip('-brief', 'link'), /eth0/, 'nothing is left in the container');
  }
  checkSane(t, daemon);
});
