import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { EtcdStore } from '../../src/fleet/etcd/etcd-store.js';
import { findHostToRelease } from '../../src/fleet/host-release.js';
import { readContent } from '../../src/fleet/own/file-content.js';
import { FleetFileError, openFleetFile } from '../../src/fleet/own/fleet-file.js';
import { Keys } from '../../src/fleet/store/keys.js';
import { readClaim } from '../../src/fleet/store/values.js';
import { blockAt } from '../../src/ip/blocks.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { startEtcd, type Etcd } from '../support/etcd.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { makePool, makeRealHost, type RealHost } from './real-hosts.js';

const skip = missing('etcd', 'etcdctl', 'openssl');
const pools = [makePool('10.64.0.0/10', 20, 24), makePool('fd77::/40', 56, 64)];
const soon = (ms = 2_000) => performance.now() + ms;

// Each has an etcd of its own, and waits most of its time.
t.jobs = 2;

/** Waits for what follows in the background. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 600) throw new Error(`not within 30 s: ${what}`);
    await sleep(50);
  }
}

function start(t: Test, ...hosts: readonly RealHost[]): void {
  for (const { engine } of hosts) {
    t.teardown(async () => await engine.stop());
    engine.start();
  }
}

const hasFirst = ({ blocks }: RealHost) => blocks().length === 2;

async function claimsIn(etcd: Etcd): Promise<readonly string[]> {
  return [...(await etcd.list('/podnetd/v1/blocks/')).values()].map((value) => {
    const { block, host } = readClaim(value);
    return `${host} ${block === undefined ? '' : formatCidr(block)}`;
  });
}

t.test('the life of a host', { skip, buffered: true }, async (t) => {
  const etcd = await startEtcd(t);
  const folder = makeScratch(t);
  const [a, b] = ['a', 'b'].map((name) => makeRealHost(name, folder, pools, etcd)) as [RealHost, RealHost];
  start(t, a, b);
  await until('the first blocks of each family', () => hasFirst(a) && hasFirst(b));
  const file = readContent(readFileSync(path.join(folder, 'a.json'), 'utf8'));
  t.strictSame(
    file.blocks.map(({ block }) => formatCidr(block)),
    a.blocks(),
    'they are in the file',
  );
  t.throws(() => openFleetFile(path.join(folder, 'a.json'), 'a'), FleetFileError, 'which another process cannot have');

  const seen: number[] = [];
  a.engine.onChange((own) => seen.push(own.length));
  const grown = await Promise.all(Array.from({ length: 8 }, async () => await a.engine.grow(4, soon())));
  t.ok(grown.every(({ kind }) => kind === 'claimed'));
  t.strictSame(seen, [3], 'claims side by side are one');

  const byHand = blockAt(pools[0] ?? fail(), 777n);
  t.match(await b.engine.findFor(byHand, soon()), { kind: 'free' });
  t.match(await b.engine.claimFor(byHand, soon()), { kind: 'claimed' });
  t.match(await a.engine.findFor(byHand, soon()), { kind: 'owned', owner: 'name of b (b)' });
  t.match(await a.engine.claimFor(byHand, soon()), { kind: 'owned', owner: 'name of b (b)' });
  t.match(await a.engine.findGrowth(6, soon()), { kind: 'free' });
  t.strictSame((await claimsIn(etcd)).filter((line) => line.startsWith('a ')).length, 3, 'a look claims nothing');

  a.networks.push(
    { name: 'theirs', subnets: [byHand] },
    { name: 'ours', subnets: [blockAt(pools[0] ?? fail(), 900n)] },
  );
  a.engine.networksChanged();
  await until('the collision', () => a.engine.state.collisions.length > 0);
  t.match(a.engine.state.collisions, [{ network: 'theirs', owner: 'name of b (b)' }]);
  await until('the block of a network is claimed', () => a.blocks().length === 4);

  const report = await a.engine.report(10);
  t.match(
    report.hosts.map(({ host, isAlive, blocks }) => [host, isAlive, blocks.length]),
    [
      ['a', true, 4],
      ['b', true, 3],
    ],
  );
  t.strictSame(
    report.pools.map(({ claimed }) => claimed),
    [5n, 2n],
  );
  t.match(await a.engine.report(1), { unlistedHosts: 1, hosts: [{ host: 'a' }] });

  // A twin claims nothing while the host lives.
  const twin = makeRealHost('a', makeScratch(t), pools, etcd, 'another machine');
  start(t, twin);
  await until('the twin is refused', () => twin.engine.state.problems.length > 0);
  t.match(twin.engine.state.problems, [{ code: 'host-twice' }]);
  t.match(await twin.engine.grow(4, soon()), { kind: 'refused', reason: /another machine uses the host name a/ });

  const other = makeRealHost('c', folder, [makePool('10.64.0.0/10', 21, 24)], etcd);
  start(t, other);
  await until('other blocks are refused', () => other.engine.state.problems.length > 0);
  t.match(other.engine.state.problems, [{ code: 'layout', reason: /10\.64\.0\.0\/10 with blocks of \/20/ }]);

  const store = new EtcdStore(etcd);
  t.teardown(() => store.close());
  const keys = new Keys('/podnetd');
  t.match(await findHostToRelease(store, keys, 'b'), { isAlive: true, blocks: { length: 3 } });
  t.equal(await (await findHostToRelease(store, keys, 'b')).release(), 'alive');
  await b.engine.stop();
  const release = await findHostToRelease(store, keys, 'b');
  t.match(release, { isAlive: false, name: 'name of b' });
  t.match(await release.release(), { length: 3 });
  t.strictSame(
    (await claimsIn(etcd)).filter((line) => line.startsWith('b ')),
    [],
  );
  t.strictSame(
    [...(await etcd.list('/podnetd/v1/hosts/b/')).keys(), ...(await etcd.list('/podnetd/v1/ids/b')).keys()],
    [],
  );
});

t.test('more claims of a host than a transaction takes', { skip, buffered: true }, async (t) => {
  const etcd = await startEtcd(t);
  const host = makeRealHost('a', makeScratch(t), [makePool('10.64.0.0/16', 24, 28)], etcd);
  host.networks.push({ name: 'wide', subnets: [makePool('10.64.0.0/17', 24, 24).base] });
  start(t, host);
  await until('all of its blocks', () => host.blocks().length >= 128);
  for (let index = 128; index < 256; index += 1) await host.engine.grow(4, soon());
  t.match(await host.engine.grow(4, soon()), { kind: 'full' });
  await host.engine.stop();
  const store = new EtcdStore(etcd);
  t.teardown(() => store.close());
  t.match(await (await findHostToRelease(store, new Keys('/podnetd'), 'a')).release(), { length: 256 });
  t.strictSame(await claimsIn(etcd), []);
});

t.test('a store that is killed, paused, and loses its disk', { skip, buffered: true }, async (t) => {
  const etcd = await startEtcd(t);
  const [member] = etcd.members;
  const folder = makeScratch(t);
  const host = makeRealHost('a', folder, pools, etcd);
  start(t, host);
  await until('the first blocks', () => hasFirst(host));
  const before = host.blocks();

  member?.pause();
  const begun = performance.now();
  const outcome = await host.engine.grow(4, soon(700));
  t.match(outcome, { kind: 'unreachable', reason: /127\.0\.0\.1|in time/ });
  t.match(await host.engine.report(10), { hosts: { length: 0 }, store: { isReachable: false } });
  t.comment(`refused after ${Math.round(performance.now() - begun)} ms`);
  member?.resume();
  await member?.kill();
  t.match(await host.engine.grow(4, soon(500)), { kind: 'unreachable', reason: /ECONNREFUSED|no answer/ });
  t.ok(
    before.every((block) => host.blocks().includes(block)),
    'its blocks stay in force',
  );

  // A new start without a store has the blocks at once.
  await host.engine.stop();
  const again = makeRealHost('a', folder, pools, etcd);
  t.ok(before.every((block) => again.blocks().includes(block)));
  start(t, again);
  member?.loseDisk();
  await member?.start();
  await etcd.ready();
  const isClaimed = async () => {
    const claimed = await claimsIn(etcd);
    return again.blocks().every((block) => claimed.includes(`a ${block}`));
  };
  await until('its blocks are claimed again', isClaimed);
  t.match(
    await again.engine.grow(4, soon()),
    { kind: 'refused', reason: /older copy/ },
    'others claim theirs before it takes more',
  );

  // Now while it runs: another cluster is noticed by the next answer.
  await member?.kill();
  member?.loseDisk();
  await member?.start('--initial-cluster-token=other');
  await etcd.ready();
  await again.engine.findGrowth(4, soon());
  await until('its blocks are claimed once more', isClaimed);
});

t.test('a cluster that loses a member and its leader while hosts claim', { skip, buffered: true }, async (t) => {
  const etcd = await startEtcd(t, { members: 3, hasTls: true });
  const folder = makeScratch(t);
  const settings = { endpoints: etcd.endpoints, ...etcd.tls };
  const hosts = Array.from({ length: 6 }, (_, at) => makeRealHost(`h${at}`, folder, pools, settings));
  start(t, ...hosts);
  await until('the first blocks', () => hosts.every(hasFirst));
  const outcomes: string[] = [];
  const over = new AbortController();
  const claiming = hosts.map(async ({ engine }) => {
    while (!over.signal.aborted) {
      outcomes.push((await engine.grow(4, soon())).kind);
      await sleep(20);
    }
  });
  const [first, second, third] = etcd.members;
  await sleep(500);
  await second?.kill();
  await sleep(1_000);
  await second?.start();
  await sleep(1_000);
  first?.pause();
  await sleep(2_500);
  first?.resume();
  await moveLeader(etcd);
  await sleep(500);
  await third?.kill();
  await second?.kill();
  await sleep(500);
  await Promise.all([second?.start(), third?.start()]);
  await etcd.ready();
  outcomes.length = 0;
  await until('claims go on', () => outcomes.filter((kind) => kind === 'claimed').length > hosts.length);
  over.abort();
  await Promise.all(claiming);

  const inForce = hosts.flatMap(({ blocks }, at) => blocks().map((block) => `h${at} ${block}`));
  const blocks = hosts.flatMap((host) => host.blocks());
  t.equal(new Set(blocks).size, blocks.length, 'no two hosts have one block');
  const claims = await claimsIn(etcd);
  t.strictSame(
    inForce.filter((line) => !claims.includes(line)),
    [],
    'the store has each of them',
  );
  t.comment(`${blocks.length} blocks`);
});

/** To a follower, where the cluster has a leader. */
async function moveLeader(etcd: Etcd): Promise<void> {
  interface Status {
    readonly Endpoint: string;
    readonly Status: { readonly header: { readonly member_id: number }; readonly leader: number };
  }
  // Ids of members are larger than the numbers of JavaScript; as texts they stay whole.
  const printed = (await etcd.ctl('endpoint', 'status', '--write-out=json')).replaceAll(/:(\d{16,})/g, ':"$1"');
  const statuses = JSON.parse(printed) as readonly Status[];
  const leader = statuses.find(({ Status }) => Status.header.member_id === Status.leader);
  const follower = statuses.find((each) => each !== leader);
  if (leader === undefined || follower === undefined) return;
  const id = BigInt(follower.Status.header.member_id).toString(16);
  await etcd.ctl('--endpoints', leader.Endpoint, 'move-leader', id);
}

function fail(): never {
  throw new TypeError('no pool');
}
