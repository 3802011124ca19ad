import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { encodeIntent } from '../../src/cni/runtime/intent.js';
import type { CacheEntry } from '../../src/cni/attachments/cache-entry.js';
import { cacheEntry, writeCacheEntry } from '../support/cache-entry.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Files of the cache with impossible content: podnetd does not act on them, and shows them as problems. */

const skip = missing('ip', 'nsenter');
const outwards = 'x/../../../F';
const noPlugins = (name: string) => JSON.stringify({ cniVersion: '1.0.0', name, plugins: [] });

interface Bench extends TestDaemon {
  /** A file outside of the cache, which podnetd must not touch. */
  readonly victim: string;
}

async function start(t: Test, prepare: (cacheDir: string) => void = () => undefined): Promise<Bench> {
  const scratch = makeScratch(t);
  const cacheDir = path.join(scratch, 'cni');
  const victim = path.join(scratch, 'F');
  writeFileSync(victim, 'mine');
  mkdirSync(path.join(cacheDir, 'podnetd'), { recursive: true });
  prepare(cacheDir);
  const daemon = await startDaemon(t, { netns: makeNetns(t), args: ['--cni-cache-dir', cacheDir] });
  const body = { name: 'web', subnets: [{ subnet: '10.222.0.0/24' }] };
  t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body)).status, 200);
  return { ...daemon, cacheDir, victim };
}

const writeIntent = (cacheDir: string, fileName: string, operation: 'add' | 'delete', entry: CacheEntry) => {
  const target = path.join(cacheDir, 'podnetd', fileName);
  writeFileSync(target, encodeIntent({ operation, entry }));
  return target;
};

async function problemsOf(daemon: TestDaemon) {
  return (await daemon.ask('GET', '/podnetd/v1/problems')).json() as readonly {
    readonly path: string;
    readonly reason: string;
  }[];
}

const disconnect = async (daemon: TestDaemon, network: string, container: string) =>
  await daemon.ask('POST', `/v4.3.1/libpod/networks/${network}/disconnect`, { Container: container });

/** How often the file was logged as skipped. */
const skipped = (daemon: TestDaemon, file: string) =>
  daemon.log().filter(({ msg, path: of }) => msg === 'file skipped' && of === file).length;

t.test('an intent whose interface leads out of the folder', { skip }, async (t) => {
  const intents: string[] = [];
  const daemon = await start(t, (cacheDir) => {
    for (const operation of ['add', 'delete'] as const) {
      const entry = cacheEntry('web', 'c1', { ifName: outwards, config: noPlugins('web') });
      intents.push(writeIntent(cacheDir, `web-c1-${operation}`, operation, entry));
    }
  });
  for (let tries = 0; tries < 500 && intents.some((file) => skipped(daemon, file) === 0); tries += 1) await sleep(10);
  await daemon.ask('POST', '/v4.3.1/libpod/networks/prune');
  await daemon.ask('POST', '/podnetd/v1/networks/web/gc');
  await disconnect(daemon, 'web', 'c1');
  t.ok(existsSync(daemon.victim), 'the file outside is there');
  const reason = 'interface name "x/../../../F" invalid: it has a slash, colon, space or control character';
  t.strictSame(
    await problemsOf(daemon),
    intents.map((file) => ({ path: file, reason })),
    'podnetd shows them as problems',
  );
  for (const file of intents) t.equal(skipped(daemon, file), 1, 'podnetd logged it once');
});

t.test('an intent of another attachment than the one in its name', { skip }, async (t) => {
  const netns = makeNetns(t);
  const entry = cacheEntry('web', 'c1', { netns: netns.path, config: noPlugins('web') });
  let intent = '';
  const daemon = await start(t, (cacheDir) => {
    writeCacheEntry(cacheDir, entry);
    intent = writeIntent(cacheDir, 'web-c2-eth0', 'delete', entry);
  });
  t.match(await problemsOf(daemon), [
    { path: intent, reason: /of container c1 on network web, whose file is web-c1-eth0/ },
  ]);
  t.strictSame(
    readdirSync(path.join(daemon.cacheDir, 'results')),
    ['web-c1-eth0'],
    'the attachment in its content stays connected',
  );
});

t.test('a cache entry under another name than its own', { skip }, async (t) => {
  const netns = makeNetns(t);
  const daemon = await start(t);
  const written = writeCacheEntry(daemon.cacheDir, cacheEntry('web', 'c1', { netns: netns.path }));
  const results = path.join(daemon.cacheDir, 'results');
  for (const name of ['anything', 'web-c2-eth0', 'db-c1-eth0']) {
    const target = path.join(results, name);
    renameSync(written, target);
    const answer = await disconnect(daemon, 'web', 'c1');
    t.match([answer.status, answer.json()], [404, { message: /not believed: .*whose file is web-c1-eth0: rename or/ }]);
    t.match((answer.json() as { message: string }).message, target);
    t.match(await problemsOf(daemon), [{ path: target }]);
    t.strictSame(readdirSync(results), [name], 'the entry is left as it was');
    t.equal((await disconnect(daemon, 'web', netns.name)).status, 400, 'the namespace is on no network');
    t.equal(skipped(daemon, target), 1);
    renameSync(target, written);
  }
  t.equal(
    (await daemon.ask('DELETE', '/v4.3.1/libpod/networks/web')).status,
    409,
    'the entry counts under its own name',
  );
});

t.test('a cache entry whose configuration is of another network', { skip }, async (t) => {
  const daemon = await start(t);
  const config = JSON.stringify({ cniVersion: '1.0.0', name: '../../../x', plugins: [{ type: 'bridge' }] });
  const file = writeCacheEntry(daemon.cacheDir, cacheEntry('web', 'c1', { config, netns: '/run/netns/none-such' }));
  const answer = await disconnect(daemon, 'web', 'c1');
  const reason = 'its configuration is of network "../../../x", not of web';
  t.match([answer.status, answer.json()], [404, { message: new RegExp(`not believed: ${file}: ${reason}`) }]);
  t.match(await problemsOf(daemon), [{ path: file, reason }]);
});

t.test('a lease whose interface leads out of the folder of intents', { skip }, async (t) => {
  const daemon = await start(t);
  const leases = makeScratch(t);
  const ipam = { type: 'host-local', dataDir: leases, ranges: [[{ subnet: '10.223.0.0/24' }]] };
  const conflist = { cniVersion: '1.0.0', name: 'theirs', plugins: [{ type: 'bridge', bridge: 'br-theirs', ipam }] };
  writeFileSync(path.join(daemon.folder, 'theirs.conflist'), JSON.stringify(conflist));
  mkdirSync(path.join(leases, 'theirs'));
  const lease = path.join(leases, 'theirs/10.223.0.2');
  writeFileSync(lease, `c1\r\n${outwards}`);
  const answer = await daemon.ask('POST', '/podnetd/v1/networks/theirs/gc');
  t.strictSame([answer.status, answer.json()], [200, []], 'no attachment is freed');
  t.match(await problemsOf(daemon), [{ path: lease, reason: /^interface name ".*" invalid: it has a slash/ }]);
  t.equal(skipped(daemon, lease), 1);
});

t.test('a file in the way of an intent', { skip }, async (t) => {
  const netns = makeNetns(t);
  const entry = cacheEntry('web', 'c1', { netns: netns.path, config: noPlugins('web') });
  let intent = '';
  const daemon = await start(t, (cacheDir) => {
    writeCacheEntry(cacheDir, entry);
    intent = writeIntent(cacheDir, 'web-c1-eth0', 'delete', cacheEntry('web', 'c3'));
  });
  const answer = await disconnect(daemon, 'web', 'c1');
  t.match(
    [answer.status, answer.json()],
    [507, { message: new RegExp(`read ${intent}: it is of .*rename or remove it`) }],
  );
});
