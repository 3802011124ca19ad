import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type DaemonOptions, type TestDaemon } from '../support/daemon.js';
import { makeFaultyDisk } from '../support/faulty-disk.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { runAmongMounts, withOwnMounts } from '../support/mount-space.js';
import { missing } from '../support/tools.js';
import { create, pidOf, remove } from './changes.js';
import { checkSane } from './networks.js';

/** Each request of a batch ends as it would have ended alone, and no client sees a change that is not durable. */

interface Network {
  readonly name: string;
  readonly network_interface: string;
  readonly subnets: readonly { readonly subnet: string }[];
}

const listUrl = '/v4.3.1/libpod/networks/json';

async function list(daemon: TestDaemon): Promise<readonly Network[]> {
  return (await daemon.ask('GET', listUrl)).json() as readonly Network[];
}

/** @param names networks that are made first */
async function start(t: Test, names: readonly string[], options: DaemonOptions = {}): Promise<TestDaemon> {
  const daemon = await startDaemon(t, options);
  for (const name of names) t.equal((await create(daemon, 'compat', name)).status, 201, name);
  return daemon;
}

/** Sends requests in this order, which wait for the lock together. */
async function askTogether<const A extends readonly (() => Promise<Answer>)[]>(
  daemon: TestDaemon,
  asks: A,
): Promise<{ readonly [K in keyof A]: Answer }> {
  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  const asked: Promise<Answer>[] = [];
  for (const ask of asks) {
    asked.push(ask());
    // Reads do not wait for the lock, so the request before them has come to it by then.
    for (let reads = 0; reads < 10; reads += 1) await daemon.ask('GET', listUrl);
  }
  await holder.release();
  return (await Promise.all(asked)) as { readonly [K in keyof A]: Answer };
}

async function checkNothingTwice(t: Test, daemon: TestDaemon): Promise<void> {
  const networks = await list(daemon);
  const bridges = networks.map(({ network_interface: bridge }) => bridge);
  const subnets = networks.flatMap((network) => network.subnets.map(({ subnet }) => subnet));
  t.strictSame(bridges, [...new Set(bridges)], 'no bridge twice');
  t.strictSame(subnets, [...new Set(subnets)], 'no subnet twice');
}

t.test('a removal that fails gives nothing away', { skip: missing('unshare', 'nsenter', 'python3') }, async (t) => {
  const daemon = await start(t, ['web'], { netns: withOwnMounts });
  const file = path.join(daemon.folder, 'web.conflist');
  // A mount point cannot be renamed.
  runAmongMounts(pidOf(daemon), 'mount', '--bind', file, file);
  const [removed, other, namesake] = await askTogether(daemon, [
    async () => await remove(daemon, 'compat', 'web'),
    async () => await create(daemon, 'compat', 'other'),
    async () => await create(daemon, 'compat', 'web'),
  ]);
  t.equal(removed.status, 507, removed.text);
  t.match(removed.text, 'EBUSY');
  t.equal(other.status, 201, other.text);
  t.equal(namesake.status, 409, namesake.text);
  t.match(namesake.json(), { message: /^network name web already used/ }, 'the refusal is the one of a single request');
  t.strictSame((await list(daemon)).map(({ name }) => name).toSorted(), ['other', 'podman', 'web']);
  await checkNothingTwice(t, daemon);
  checkSane(t, daemon);
});

t.test('a removal that is overtaken gives nothing away', { skip: missing('python3') }, async (t) => {
  const disk = makeFaultyDisk(t);
  const daemon = await start(t, ['web'], { env: disk.env });
  const [web] = await list(daemon);
  const file = path.join(daemon.folder, 'web.conflist');
  // Delays the batch between its decision and its changes.
  disk.set([{ call: 'fsync', on: 'other.conflist', delayMs: 500, times: 1 }]);
  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  const removing = remove(daemon, 'compat', 'web');
  for (let reads = 0; reads < 10; reads += 1) await daemon.ask('GET', listUrl);
  const creating = create(daemon, 'compat', 'other');
  for (let reads = 0; reads < 10; reads += 1) await daemon.ask('GET', listUrl);
  await holder.release();
  for (let tries = 0; tries < 1_000 && !hasTemporary(daemon.folder); tries += 1) await sleep(1);
  const aside = path.join(daemon.folder, 'aside');
  const ipam = { type: 'host-local', ranges: [[{ subnet: web?.subnets[0]?.subnet }]] };
  writeFileSync(
    aside,
    JSON.stringify({
      cniVersion: '0.4.0',
      name: 'web',
      plugins: [{ type: 'bridge', bridge: web?.network_interface, ipam }],
    }),
  );
  renameSync(aside, file);
  const [removed, other] = await Promise.all([removing, creating]);
  t.equal(removed.status, 403, `another program's: ${removed.text}`);
  t.equal(other.status, 201, other.text);
  t.ok(existsSync(file));
  await checkNothingTwice(t, daemon);
  checkSane(t, daemon);
});

const hasTemporary = (folder: string) => readdirSync(folder).some((name) => /\.(tmp|old)$/.test(name));

for (const call of ['fsync', 'fstat', 'link'] as const) {
  t.test(`a change that fails refuses no other: ${call}`, { skip: missing('python3') }, async (t) => {
    const disk = makeFaultyDisk(t);
    const daemon = await start(t, [], { env: disk.env });
    disk.set([{ call, on: 'first.conflist', error: 'EIO' }]);
    const body = (name: string) => ({ name, network_interface: 'br0', subnets: [{ subnet: '10.99.0.0/24' }] });
    const url = '/v4.3.1/libpod/networks/create';
    const [first, second] = await askTogether(daemon, [
      async () => await daemon.ask('POST', url, body('first')),
      async () => await daemon.ask('POST', url, body('second')),
    ]);
    t.equal(first.status, 507, first.text);
    t.equal(second.status, 200, `the bridge and subnet are free: ${second.text}`);
    checkSane(t, daemon);
  });
}

t.test(
  'a prune that cannot look at a network removes none, or warns of that network',
  { skip: missing('python3') },
  async (t) => {
    const daemon = await start(t, ['aaa', 'web']);
    mkdirSync(daemon.leaseDir);
    // A link to itself.
    symlinkSync('web', path.join(daemon.leaseDir, 'web'));
    const [pruned, made] = await askTogether(daemon, [
      async () => await daemon.ask('POST', '/v4.3.1/libpod/networks/prune'),
      async () => await create(daemon, 'compat', 'other'),
    ]);
    t.equal(made.status, 201, made.text);
    const names = (await list(daemon)).map(({ name }) => name).toSorted();
    if (pruned.status === 200) {
      // A prune may also report the networks that it removed.
      t.match(pruned.headers, { warning: /web: ELOOP/ });
      const gone = new Set((pruned.json() as readonly { readonly Name: string }[]).map(({ Name }) => Name));
      t.strictSame(
        names,
        ['aaa', 'other', 'podman', 'web'].filter((name) => !gone.has(name)),
      );
    } else {
      t.equal(pruned.status, 507, pruned.text);
      t.strictSame(names, ['aaa', 'other', 'podman', 'web']);
    }
    checkSane(t, daemon);
  },
);
