import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { networkId } from '../../src/model/names.js';
import { cacheEntry, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makePodman, type Podman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const dialects = [
  { prefix: '/v1.41', refusal: 403 },
  { prefix: '/v3.2.0/libpod', refusal: 500 },
  { prefix: '/v5.4.2/libpod', refusal: 409 },
] as const;

const names = (web: string) => [web, networkId(web), networkId(web).slice(0, 12)];

async function create(daemon: TestDaemon, ...networks: readonly string[]): Promise<void> {
  for (const name of networks) {
    const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name });
    if (answer.status !== 200) throw new Error(answer.text);
  }
}

/** Every dialect refuses to remove it, however it is called, and prunes what is `idle` instead. */
async function checkKept(t: Test, daemon: TestDaemon, network: string, user: string): Promise<void> {
  for (const { prefix, refusal } of dialects) {
    for (const name of names(network)) {
      const answer = await daemon.ask('DELETE', `${prefix}/networks/${name}`);
      t.equal(answer.status, refusal, answer.text);
      t.match(answer.text, user, 'says who is in the way');
    }
    await create(daemon, 'idle');
    const pruned = await daemon.ask('POST', `${prefix}/networks/prune`);
    t.equal(pruned.status, 200, pruned.text);
    t.match(pruned.text, '"idle"');
    t.notMatch(pruned.text, `"${network}"`);
  }
  t.equal((await daemon.ask('GET', `/v5.4.2/libpod/networks/${network}/json`)).status, 200);
}

async function checkRemoved(t: Test, daemon: TestDaemon, network: string, prefix: string): Promise<void> {
  const answer = await daemon.ask('DELETE', `${prefix}/networks/${network}`);
  t.ok(answer.status === 200 || answer.status === 204, answer.text);
  t.equal((await daemon.ask('GET', `/v5.4.2/libpod/networks/${network}/json`)).status, 404);
}

t.test('a namespace keeps its network while it is there', { skip: missing('ip', 'nsenter') }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns });
  await create(daemon, 'web');
  const front = { cniArgs: [['K8S_POD_NAME', 'front']] as const };
  writeCacheEntry(daemon.cacheDir, cacheEntry('web', 'c0ffee', { netns: netns.path, ...front }));
  await checkKept(t, daemon, 'web', 'front');
  writeCacheEntry(daemon.cacheDir, cacheEntry('web', 'c0ffee', { netns: `${netns.path}-gone`, ...front }));
  await checkRemoved(t, daemon, 'web', '/v1.41');
});

t.test('neither the dead nor leases without a holder keep a network', { skip: missing('ip', 'nsenter') }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns });
  for (const [index, { prefix }] of dialects.entries()) {
    const web = `web${index}`;
    await create(daemon, web);
    writeCacheEntry(daemon.cacheDir, cacheEntry(web, 'c0ffee', { netns: `${netns.path}-gone` }));
    writeLease(daemon.cacheDir, web, '10.89.0.2', 'c0ffee');
    writeLease(daemon.cacheDir, web, '10.89.0.3', `${netns.name}-gone`);
    await checkRemoved(t, daemon, web, prefix);
  }
  await create(daemon, 'web');
  writeLease(daemon.cacheDir, 'web', '10.89.0.2', netns.name);
  await checkKept(t, daemon, 'web', netns.name);
});

t.test(
  "a container of Podman's keeps its network until it is removed",
  { skip: missing('podman', 'runc', 'busybox', 'ip', 'nsenter', 'unshare', 'findmnt', 'tar') },
  async (t) => {
    const netns = makeNetns(t);
    const daemon = await startDaemon(t, { netns });
    mkdirSync(daemon.cacheDir, { recursive: true });
    const podman = makePodman(t, { folder: daemon.folder, netns, cacheDir: daemon.cacheDir });
    const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: false });
    t.equal(answer.status, 200, answer.text);
    const id = await runContainer(t, podman, 'front', 'web');
    t.match(readdirSync(path.join(daemon.cacheDir, 'results')), [`web-${id}-eth0`]);
    await checkKept(t, daemon, 'web', 'front');

    // The cache is gone, as on a host where it was cleared: the lease is left, and Podman's monitor of the container.
    const lost = path.join(daemon.cacheDir, 'results');
    execFileSync('mv', [lost, `${lost}-lost`]);
    await checkKept(t, daemon, 'web', id);
    execFileSync('mv', [`${lost}-lost`, lost]);

    await podman.must('rm', '--force', '--time', '0', 'front');
    await checkRemoved(t, daemon, 'web', '/v5.4.2/libpod');
  },
);

/** Runs a container that does nothing, and takes it away with the test. @returns its id */
async function runContainer(t: Test, podman: Podman, name: string, network: string): Promise<string> {
  const scratch = makeScratch(t);
  const root = path.join(scratch, 'root');
  mkdirSync(path.join(root, 'bin'), { recursive: true });
  copyFileSync(execFileSync('sh', ['-c', 'command -v busybox']).toString().trim(), path.join(root, 'bin/busybox'));
  execFileSync('tar', ['-C', root, '-cf', `${root}.tar`, '.']);
  await podman.must('import', `${root}.tar`, 'idle');
  const cgroup = `podnetd-test-${process.pid}`;
  t.teardown(async () => {
    await podman.run('rm', '--force', '--ignore', '--time', '0', name);
    removeGroups('/sys/fs/cgroup', cgroup, 2);
  });
  // Limits that a user who is root only in a container may set.
  const limits = [
    '--ulimit',
    'nofile=1024:1024',
    '--ulimit',
    'nproc=1024:1024',
    '--security-opt',
    'seccomp=unconfined',
  ];
  const place = [
    '--runtime',
    'runc',
    'run',
    '--detach',
    '--name',
    name,
    '--network',
    network,
    '--cgroup-parent',
    cgroup,
  ];
  return (await podman.must(...place, ...limits, 'idle', '/bin/busybox', 'sleep', '300')).trim();
}

/** What a runtime leaves of a cgroup that it made, in each hierarchy. */
function removeGroups(folder: string, name: string, depth: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const target = path.join(folder, entry.name);
    if (entry.name === name) removeEmpty(target);
    else if (depth > 1) removeGroups(target, name, depth - 1);
  }
}

function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(path.join(folder, entry.name));
  }
  rmdirSync(folder);
}
