import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { covers, overlaps } from '../../src/ip/cidr.js';
import { cidr } from '../support/addresses.js';
import { ask } from '../support/client.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { startEtcd, type Etcd } from '../support/etcd.js';
import { startHoldingProxy } from '../support/holding-proxy.js';
import { readMetrics, valuesOf } from '../support/prometheus.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { FleetHost, type FleetToml, type PoolToml } from './fleet-host.js';

/** Daemons as processes, each with folders of its own, and a real etcd. */

const pool: PoolToml = { base: '10.200.0.0/16', block: 24, size: 28 };
const options = { skip: missing('etcd', 'etcdctl') };
/** Beside others: most of their time they wait. */
const aside = { buffered: true };

let fleets = 0;

/** A fleet of its own in an etcd that several have. */
function makeFleet(etcd: Etcd, pools: readonly PoolToml[] = [pool]): FleetToml & { readonly prefix: string } {
  fleets += 1;
  return { endpoints: etcd.endpoints, pools, prefix: `/test/${fleets}` };
}

/** The host of each block that the store has. */
async function claims(etcd: Etcd, prefix: string): Promise<readonly string[]> {
  return [...(await etcd.list(`${prefix}/v1/blocks/`)).values()].map(
    (value) => (JSON.parse(value) as { host: string }).host,
  );
}

function conflist(name: string, subnet: string): string {
  const ipam = { type: 'host-local', ranges: [[{ subnet }]] };
  return JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: `br-${name}`, ipam }] });
}

async function readProblems(host: FleetHost): Promise<string> {
  return (await host.daemon.ask('GET', '/podnetd/v1/problems')).text;
}

async function readCodes(host: FleetHost): Promise<readonly string[]> {
  const { findings } = (await host.daemon.ask('GET', '/podnetd/v1/doctor')).json() as {
    readonly findings: readonly { readonly code: string }[];
  };
  return findings.map(({ code }) => code).filter((code) => code.startsWith('fleet-'));
}

async function readFigures(host: FleetHost, name: string): Promise<Readonly<Record<string, number>>> {
  return valuesOf(readMetrics((await host.daemon.ask('GET', '/podnetd/v1/metrics')).text), name);
}

/** A subnet of the pool that lies in no block of these hosts. */
async function findUnclaimed(...hosts: readonly FleetHost[]): Promise<string> {
  const own = (await Promise.all(hosts.map(async (host) => await host.look()))).flatMap((fleet) => fleet.own_blocks);
  for (let index = 0; ; index += 1) {
    const block = `10.200.${index}.0/24`;
    if (!own.some((one) => one.block === block)) return `10.200.${index}.16/28`;
  }
}

t.test('hosts of one etcd', options, async (t) => {
  const etcd = await startEtcd(t);
  t.jobs = 3;

  t.test('take subnets from blocks of their own, and show the fleet', aside, async (t) => {
    const fleet = makeFleet(etcd);
    const [a, b] = await Promise.all(['a', 'b'].map(async (name) => await new FleetHost(t, name, fleet).startOwning()));
    if (a === undefined || b === undefined) return;
    const subnets = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => await (index % 2 === 0 ? a : b).must(`net${index}`)),
    );
    const [ownA, ownB] = [a, b].map((host) => host.file().map((block) => cidr(block)));
    for (const [index, subnet] of subnets.entries()) {
      const own = (index % 2 === 0 ? ownA : ownB) ?? [];
      t.ok(
        own.some((block) => covers(block, cidr(subnet))),
        `${subnet} is in an own block`,
      );
    }
    const seen = await b.until(
      ({ hosts }) => hosts.length === 2 && hosts.every(({ networks }) => networks !== undefined),
    );
    t.match(seen, { kind: 'store', host: 'b', store: { reachable: true }, collisions: [], problems: [] });
    t.match(seen.hosts, [
      { host: 'a', alive: true },
      { host: 'b', alive: true },
    ]);
    t.same(seen.pools, [{ ...pool, blocks: 256, claimed: (await claims(etcd, fleet.prefix)).length }]);

    const status = a.run('fleet', 'status');
    t.equal(status.status, 0, status.stderr);
    t.match(status.stdout, /^Fleet of /);
    t.match(status.stdout, /10\.200\.0\.0\/16: 256 blocks of \/24, \d+ claimed; subnets of \/28/);
    t.match(JSON.parse(a.run('fleet', 'status', '--json').stdout), {
      kind: 'store',
      host: 'a',
      hosts: seen.hosts.map(({ host }) => ({ host })),
    });
    const drawn = a.run('map', '--fleet');
    t.equal(drawn.status, 0, drawn.stderr);
    t.match(drawn.stdout, /10\.200\.0\.0\/16[^]*this host,[^]*other hosts/);

    t.match(await readFigures(a, 'podnetd_fleet_blocks'), { '10.200.0.0/16 own': a.file().length });
    t.same(await readFigures(a, 'podnetd_fleet_store_up'), { '': 1 });
    t.ok(((await readFigures(a, 'podnetd_fleet_claims_total'))['claimed'] ?? 0) > 0);
    t.same(await readCodes(a), []);
    t.same(JSON.parse(await readProblems(a)), []);
    t.match((await a.daemon.ask('GET', '/podnetd/v1/pools')).json(), {
      pools: [{ base: a.file().toSorted()[0], size: 28 }],
    });
  });

  t.test('claim the block of a subnet by hand, and name the owner of one that another host has', aside, async (t) => {
    const fleet = makeFleet(etcd);
    const [a, b] = await Promise.all(['a', 'b'].map(async (name) => await new FleetHost(t, name, fleet).startOwning()));
    if (a === undefined || b === undefined) return;
    const own = a.file()[0] ?? '';
    t.equal(await a.must('own', own.replace('.0/24', '.240/28')), own.replace('.0/24', '.240/28'));
    const free = await findUnclaimed(a, b);
    const before = (await claims(etcd, fleet.prefix)).length;
    const preview = await a.create('free', free, '?dryRun=true');
    t.equal(preview.status, 201, preview.text);
    const body = { name: 'free', subnets: [{ subnet: free }] };
    const createAsPlanned = async () => {
      const plan = await a.daemon.ask('POST', '/podnetd/v1/networks/plan', body);
      t.equal(plan.status, 200, plan.text);
      t.equal((await claims(etcd, fleet.prefix)).length, before, 'a preview claims nothing');
      const { revision } = plan.json() as { readonly revision: string };
      return await a.daemon.ask('POST', '/v5.0.0/libpod/networks/create', body, { 'if-match': `"${revision}"` });
    };
    let bound = await createAsPlanned();
    // Another test may have made a link of this machine since the plan; then no block was claimed.
    for (let tries = 1; bound.status === 412 && tries < 20; tries += 1) bound = await createAsPlanned();
    t.equal(bound.status, 200, bound.text);
    t.equal((await claims(etcd, fleet.prefix)).length, before + 1);
    const refused = await b.create('theirs', free.replace('.16/', '.32/'));
    t.equal(refused.status, 409, refused.text);
    t.match(refused.text, /belongs to host .*a/);
    t.equal((await b.create('theirs', free, '?dryRun=true')).text, (await b.create('theirs', free)).text);
    for (const query of ['', '?dryRun=true']) {
      const body = { Name: 'theirs', Labels: { team: 'x' }, IPAM: { Config: [{ Subnet: free }] } };
      const hidden = await ask(b.labelled, 'POST', `/v1.41/networks/create${query}`, body);
      t.equal(hidden.status, 409, hidden.text);
      t.match(hidden.text, /belongs to another host/, 'a tenant learns of no other host');
    }
    t.equal((await ask(b.labelled, 'GET', '/podnetd/v1/fleet')).status, 403);
    t.equal((await a.create('wide', '10.200.0.0/17')).status, 409, 'a subnet of too many blocks');
    t.same((await a.look()).collisions, []);
  });

  t.test('claim a block of the pool whose blocks are large enough', aside, async (t) => {
    const [small, large] = [
      { ...pool, base: '10.200.0.0/24', block: 27 },
      { ...pool, base: '10.201.0.0/16' },
    ];
    const a = await new FleetHost(t, 'a', makeFleet(etcd, [small, large])).startOwning();
    const known = a.file();
    t.ok(covers(cidr(small.base), cidr(known[0] ?? '')));
    for (const query of ['?dryRun=true', ''])
      t.equal((await a.create('wide', '0.0.0.0/25', query)).status, 201, `a size that blocks of /27 lack${query}`);
    t.ok(covers(cidr(large.base), cidr(await a.subnetOf('wide'))));
    t.equal(a.file().filter((one) => !known.includes(one)).length, 1);
  });

  t.test('say why there is no block: a full fleet, a store that is gone', aside, async (t) => {
    const proxy = await startHoldingProxy(t, etcd.endpoints[0] ?? '');
    const fleet = { ...makeFleet(etcd, [{ base: '10.200.0.0/26', block: 27, size: 28 }]), endpoints: [proxy.url] };
    const a = await new FleetHost(t, 'a', fleet).startOwning();
    for (let index = 0; index < 4; index += 1) await a.must(`net${index}`);
    const full = await a.create('more');
    t.not(full.status, 201);
    t.match(full.text, /the fleet's pool 10\.200\.0\.0\/26 has no free block/);
    void proxy.hold();
    const cut = await a.create('more');
    t.match(cut.text, /etcd cannot be reached/);
    t.match((await a.create('hand', '10.201.0.0/28')).status, 201, 'outside of the pools all is as ever');
  });

  t.test('go on in own blocks without etcd, also after a restart, and report it', aside, async (t) => {
    const proxy = await startHoldingProxy(t, etcd.endpoints[0] ?? '');
    const fleet = { ...makeFleet(etcd), endpoints: [proxy.url] };
    const a = await new FleetHost(t, 'a', fleet).startOwning();
    await a.must('before');
    void proxy.hold();
    await a.must('without');
    t.match((await a.create('hand', await findUnclaimed(a))).text, /etcd cannot be reached/);
    const gone = await a.untilReaching(false);
    t.match(gone, { store: { error: String } });
    t.same(await readCodes(a), ['fleet-store-unreachable']);
    t.match(await readProblems(a), /fleet: store-unreachable/);
    t.same(await readFigures(a, 'podnetd_fleet_store_up'), { '': 0 });
    t.equal(await a.daemon.stop(), 0);
    await a.start();
    const subnet = await a.must('after');
    t.ok(a.file().some((block) => covers(cidr(block), cidr(subnet))));
    const text = a.run('fleet', 'status').stdout;
    t.match(text, /cannot be reached/);
    t.match(a.run('map', '--fleet').stdout, /etcd cannot be reached, and blocks of other hosts look free/);
    t.ok(text.includes(a.file()[0] ?? '?'), 'own blocks are shown from the file');
    proxy.release();
    await a.untilReaching(true);
    t.same(await readCodes(a), []);
  });

  t.test('adopt a claim whose answer a killed daemon never saw', aside, async (t) => {
    const proxy = await startHoldingProxy(t, etcd.endpoints[0] ?? '');
    const fleet = { ...makeFleet(etcd), endpoints: [proxy.url] };
    const a = await new FleetHost(t, 'a', fleet).startOwning();
    const free = await findUnclaimed(a);
    const known = a.file();
    const held = proxy.hold('request_put');
    const asked = a.create('hand', free).catch(() => undefined);
    await held;
    await a.daemon.stop('SIGKILL');
    await asked;
    t.equal((await claims(etcd, fleet.prefix)).length, known.length + 1, 'etcd has the claim');
    t.same(a.file(), known, 'and the file does not');
    proxy.release();
    await a.start();
    const fleetNow = await a.until(({ own_blocks: own }) => own.length > known.length);
    t.equal(fleetNow.own_blocks.length, (await claims(etcd, fleet.prefix)).length);
    t.same(new Set(a.file()), new Set(fleetNow.own_blocks.map(({ block }) => block)));
    t.ok(fleetNow.own_blocks.every(({ state }) => state === 'own'));
    t.equal((await a.create('hand', free)).status, 201);
  });

  t.test('claim the blocks of networks that were there, and report hosts that collide', aside, async (t) => {
    const fleet = makeFleet(etcd);
    const [a, b] = ['alpha', 'beta'].map((name) => new FleetHost(t, name, fleet));
    if (a === undefined || b === undefined) return;
    writeFileSync(path.join(a.folder, 'old.conflist'), conflist('old', '10.200.77.0/25'));
    writeFileSync(path.join(b.folder, 'old.conflist'), conflist('old', '10.200.77.128/25'));
    writeFileSync(path.join(b.folder, 'mine.conflist'), conflist('mine', '10.200.80.0/23'));
    await a.start();
    await a.until(({ own_blocks: own }) => own.some(({ block }) => block === '10.200.77.0/24'));
    await b.start();
    const seen = await b.until(({ collisions }) => collisions.length > 0);
    t.match(seen.collisions, [{ network: 'old', subnet: '10.200.77.128/25', block: '10.200.77.0/24', owner: /alpha/ }]);
    await b.until(({ own_blocks: own }) =>
      ['10.200.80.0/24', '10.200.81.0/24'].every((block) => own.some((one) => one.block === block)),
    );
    t.same(await readCodes(b), ['fleet-collision']);
    t.match(await readProblems(b), /old\.conflist.*fleet: subnet 10\.200\.77\.128\/25 of network old is in block/);
    t.same(await readFigures(b, 'podnetd_fleet_collisions'), { '': 1 });
    const unaided = JSON.parse(b.run('doctor', '--json', '--cni-config-dir', b.folder).stdout) as {
      readonly findings: readonly { readonly code: string; readonly about: unknown }[];
    };
    t.match(
      unaided.findings.filter(({ code }) => code.startsWith('fleet-')),
      [{ code: 'fleet-collision', seen: /of network old is in block 10\.200\.77\.0\/24 of host .*alpha/ }],
      'the doctor finds it without the daemon',
    );
    t.equal(readFileSync(path.join(b.folder, 'old.conflist'), 'utf8'), conflist('old', '10.200.77.128/25'));
  });

  t.test('give the blocks of a host back that is gone, and of no other', aside, async (t) => {
    const fleet = makeFleet(etcd);
    const [a, b] = await Promise.all(['a', 'b'].map(async (name) => await new FleetHost(t, name, fleet).startOwning()));
    if (a === undefined || b === undefined) return;
    const alive = a.run('fleet', 'release', 'b', '--yes');
    t.equal(alive.status, 1);
    t.match(alive.stderr, /^podnetd: fleet release b.*: its heartbeat lives/);
    t.match(a.run('fleet', 'release', 'nobody', '--yes').stderr, /the fleet has no such host/);
    const held = b.file().length;
    t.equal(await b.daemon.stop(), 0, 'the end takes the heartbeat with it');
    const unasked = a.run('fleet', 'release', 'b');
    t.equal(unasked.status, 1);
    t.match(unasked.stderr, /confirm it with --yes/);
    t.equal((await claims(etcd, fleet.prefix)).filter((host) => host === 'b').length, held);
    const done = a.run('fleet', 'release', 'b', '--yes');
    t.equal(done.status, 0, done.stderr);
    t.match(done.stdout, /free for other hosts/);
    t.same(
      (await claims(etcd, fleet.prefix)).filter((host) => host === 'b'),
      [],
    );
    await b.start();
    const back = await b.until(({ own_blocks: own, store }) => store?.reachable === true && own.length > 0);
    t.same(back.collisions, []);
    await b.must('again');
  });

  t.test('let no second daemon have the file of own blocks', aside, async (t) => {
    const a = await new FleetHost(t, 'a', makeFleet(etcd)).startOwning();
    const second = new FleetHost(t, 'a', makeFleet(etcd));
    writeFileSync(second.settingsFile, a.toml);
    const { status, stderr } = second.run(
      'serve',
      '--listen',
      `unix://${path.join(second.folder, 's')}`,
      '--cni-config-dir',
      second.folder,
    );
    t.equal(status, 2);
    t.match(stderr, /state_file/);
  });
});

t.test('a create waits for etcd only where own blocks have no room', options, async (t) => {
  const etcd = await startEtcd(t);
  const a = await new FleetHost(t, 'a', makeFleet(etcd)).startOwning();
  etcd.members[0]?.pause();
  const subnets = await Promise.all(Array.from({ length: 8 }, async (_, index) => await a.must(`net${index}`)));
  for (const [index, one] of subnets.entries())
    t.notOk(subnets.slice(0, index).some((other) => overlaps(cidr(one), cidr(other))));
  t.equal(await a.daemon.stop(), 0, 'the end does not wait for etcd for long');
  etcd.members[0]?.resume();
});

t.test('a host without a store loads nothing of it', async (t) => {
  const preload = path.resolve(import.meta.dirname, '../support/loaded-modules.cjs');
  const list = path.join(makeScratch(t), 'loaded.json');
  const env = { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_LOADED: list };
  const daemon = await startDaemon(t, { env });
  t.same((await daemon.ask('GET', '/podnetd/v1/fleet')).json(), {
    kind: 'none',
    pools: [],
    hosts: [],
    unlisted_hosts: 0,
    own_blocks: [],
    collisions: [],
    problems: [],
  });
  t.equal(await daemon.stop(), 0);
  t.notMatch(readFileSync(list, 'utf8'), 'podnetd-fleet');
  const bundle = readFileSync(daemonScript, 'utf8');
  t.notMatch(bundle, '/v3/kv/txn', 'the client of etcd is not in the bundle');
  t.notMatch(bundle, /[\w$] ?= ?require\("(?:node:)?readline/, 'nor is the question of a release loaded at the start');
});

t.test('without its file a host with a store does not start, and names the remedy', (t) => {
  const bare = makeScratch(t);
  const script = path.join(bare, 'podnetd.cjs');
  copyFileSync(daemonScript, script);
  symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(bare, 'node_modules'));
  const host = new FleetHost(t, 'a', { endpoints: ['http://127.0.0.1:1'], pools: [pool] });
  const { status, stderr } = host.runScript(script, 'serve', '--listen', `unix://${bare}/s`, '--cni-config-dir', bare);
  t.equal(status, 2);
  t.match(
    stderr,
    /^podnetd: \[fleet\] endpoints: podnetd-fleet\.cjs is not beside podnetd\.cjs .*; install it there\n$/,
  );
  t.end();
});
