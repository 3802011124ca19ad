import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { networkId } from '../../src/model/names.js';
import { cacheEntry, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makePodman } from '../support/podman.js';
import { containerTools, runContainer } from '../support/podman-container.js';
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

/** Asserts that every dialect refuses to remove the network, by each of its names, and that a prune removes only `idle`. */
async function checkKept(t: Test, daemon: TestDaemon, network: string, user: string): Promise<void> {
  for (const { prefix, refusal } of dialects) {
    for (const name of names(network)) {
      const answer = await daemon.ask('DELETE', `${prefix}/networks/${name}`);
      t.equal(answer.status, refusal, answer.text);
      t.match(answer.text, user, 'names the container in the way');
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

t.test('a network stays while the namespace of its container exists', { skip: missing('ip', 'nsenter') }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  await create(daemon, 'web');
  const front = { cniArgs: [['K8S_POD_NAME', 'front']] as const };
  writeCacheEntry(daemon.cacheDir, cacheEntry('web', 'c0ffee', { netns: netns.path, ...front }));
  await checkKept(t, daemon, 'web', 'front');
  writeCacheEntry(daemon.cacheDir, cacheEntry('web', 'c0ffee', { netns: `${netns.path}-gone`, ...front }));
  await checkRemoved(t, daemon, 'web', '/v1.41');
});

t.test(
  'dead containers and leases without a holder do not keep a network',
  { skip: missing('ip', 'nsenter') },
  async (t) => {
    const netns = makeNetns(t);
    const daemon = await startDaemon(t, { netns: makeNetns(t) });
    for (const [index, { prefix }] of dialects.entries()) {
      const web = `web${index}`;
      await create(daemon, web);
      writeCacheEntry(daemon.cacheDir, cacheEntry(web, 'c0ffee', { netns: `${netns.path}-gone` }));
      writeLease(daemon.leaseDir, web, '10.89.0.2', 'c0ffee');
      writeLease(daemon.leaseDir, web, '10.89.0.3', `${netns.name}-gone`);
      await checkRemoved(t, daemon, web, prefix);
    }
    await create(daemon, 'web');
    writeLease(daemon.leaseDir, 'web', '10.89.0.2', netns.name);
    await checkKept(t, daemon, 'web', netns.name);
  },
);

t.test(
  "a container of Podman's keeps its network until it is removed",
  { skip: missing(...containerTools) },
  async (t) => {
    const netns = makeNetns(t);
    const daemon = await startDaemon(t, { netns, args: ['--cni-cache-dir', '/var/lib/cni'] });
    const cacheDir = path.dirname(daemon.leaseDir);
    const podman = makePodman(t, { folder: daemon.folder, netns, cacheDir });
    const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: false });
    t.equal(answer.status, 200, answer.text);
    const id = await runContainer(t, podman, 'front', 'web');
    t.match(readdirSync(path.join(cacheDir, 'results')), [`web-${id}-eth0`]);
    await checkKept(t, daemon, 'web', 'front');

    // The cache is gone, as on a host where it was cleared. The lease and Podman's monitor of the container remain.
    const lost = path.join(cacheDir, 'results');
    execFileSync('mv', [lost, `${lost}-lost`]);
    await checkKept(t, daemon, 'web', id);
    execFileSync('mv', [`${lost}-lost`, lost]);

    await podman.must('rm', '--force', '--time', '0', 'front');
    await checkRemoved(t, daemon, 'web', '/v5.4.2/libpod');
  },
);
