import { mkdirSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { Leases } from '../../../src/cni/attachments/leases.js';
import { toStored } from '../../../src/cni/folder/indexed-file.js';
import { Files } from '../../../src/host/files/files.js';
import type { FileProblem, StoredNetwork } from '../../../src/network/dependencies/stored-network.js';
import { seeLeasesIn, writeLease } from '../../support/cache-entry.js';
import { runProgram } from '../../support/netns.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const hostLocal = '/usr/lib/cni/host-local';

function stored(name: string, ipam: Readonly<Record<string, unknown>> = { type: 'host-local' }): StoredNetwork {
  const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: 'br0', ipam }] });
  return toStored({ key: `${name}.conflist`, path: `/${name}.conflist`, decoded: decodeFile(text, true, 0n) });
}

/** Records the paths that it lists and reads. */
class CountingFiles extends Files {
  readonly asked: string[] = [];

  override list(folder: string): readonly string[] {
    this.asked.push(folder);
    return super.list(folder);
  }

  override read(target: string, limitBytes: number): ReturnType<Files['read']> {
    this.asked.push(target);
    return super.read(target, limitBytes);
  }
}

function start(t: Test) {
  const networks = path.join(makeScratch(t), 'networks');
  const files = new CountingFiles();
  const problems: FileProblem[] = [];
  const leases = new Leases(seeLeasesIn(networks), files, (problem) => problems.push(problem));
  const holders = (network: StoredNetwork) =>
    leases
      .look()(network)
      .leases.map(({ containerId }) => containerId)
      .toSorted();
  return { files, leases, problems, holders, networks };
}

const makeOld = (target: string) => utimesSync(target, new Date(0), new Date(0));

t.test(
  'leases of the real host-local are found, in its default place and where the conflist says',
  { skip: missing(hostLocal) },
  async (t) => {
    const { leases, networks } = start(t);
    const elsewhere = makeScratch(t);
    const run = async (command: string, dataDir: string) => {
      const ranges = [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00:1::/64' }]];
      const conf = { cniVersion: '0.4.0', name: 'web', type: 'bridge', ipam: { type: 'host-local', dataDir, ranges } };
      const env = {
        CNI_COMMAND: command,
        CNI_CONTAINERID: 'c0ffee',
        CNI_NETNS: '/proc/self/ns/net',
        CNI_IFNAME: 'lan0',
        CNI_PATH: path.dirname(hostLocal),
      };
      const outcome = await runProgram(hostLocal, [], { env, stdin: JSON.stringify(conf) });
      t.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
    };
    for (const [dataDir, network] of [
      [networks, stored('web')],
      [elsewhere, stored('web', { type: 'host-local', dataDir: elsewhere })],
    ] as const) {
      t.same(leases.look()(network).leases, []);
      await run('ADD', dataDir);
      const found = leases.look()(network).leases;
      t.same(
        found.toSorted((a, b) => a.address.length - b.address.length),
        ['10.1.0.2', 'fd00:1::2'].map((address) => ({
          address,
          containerId: 'c0ffee',
          ifName: 'lan0',
          sinceNs: statSync(path.join(dataDir, 'web', address), { bigint: true }).mtimeNs,
        })),
      );
      t.ok(readdirSync(path.join(dataDir, 'web')).length > found.length, 'the folder has other files too');
      await run('DEL', dataDir);
      t.same(leases.look()(network).leases, []);
    }
  },
);

t.test('old leases have no interface, and other files are skipped', async (t) => {
  const { leases, networks } = start(t);
  const at = (name: string) => path.join(networks, 'web', name);
  mkdirSync(at('10.1.0.9'), { recursive: true });
  writeFileSync(at('10.1.0.2'), 'c1');
  writeFileSync(at('10.1.0.3'), '');
  writeFileSync(at('10.1.0.4'), 'x'.repeat(5000));
  writeFileSync(at('10.1.0.300'), 'c2\r\neth0');
  writeFileSync(at('notes'), 'c3\r\neth0');
  makeOld(at('10.1.0.2'));
  t.same(leases.look()(stored('web')).leases, [
    { address: '10.1.0.2', containerId: 'c1', ifName: undefined, sinceNs: 0n },
  ]);
});

t.test('only networks of host-local have leases', async (t) => {
  const { networks, holders } = start(t);
  writeLease(networks, 'web', '10.1.0.2', 'c1');
  t.same(holders(stored('web')), ['c1']);
  for (const ipam of [{}, { type: 'dhcp' }, { type: 'host-local', dataDir: path.relative('/', networks) }]) {
    t.same(holders(stored('web', ipam)), [], JSON.stringify(ipam));
  }
});

t.test('sees leases come and go, folders too', async (t) => {
  const { networks, holders } = start(t);
  const web = stored('web');
  t.same(holders(web), [], 'no folder at all');
  const first = writeLease(networks, 'web', '10.1.0.2', 'c1');
  t.same(holders(web), ['c1']);
  writeFileSync(first, 'c9\r\neth0');
  t.same(holders(web), ['c9'], 'leased to another container within one tick');
  writeLease(networks, 'web', '10.1.0.3', 'c2');
  t.same(holders(web), ['c2', 'c9']);
  unlinkSync(first);
  t.same(holders(web), ['c2']);
  renameSync(networks, `${networks}-old`);
  t.same(holders(web), []);
  writeLease(networks, 'web', '10.1.0.2', 'c3');
  t.same(holders(web), ['c3']);
  rmSync(path.join(networks, 'web'), { recursive: true });
  t.same(holders(web), []);
});

t.test('a lease that was half-written when it was listed is read again', async (t) => {
  const { networks, holders } = start(t);
  const target = writeLease(networks, 'web', '10.1.0.2', '');
  t.same(holders(stored('web')), []);
  writeFileSync(target, 'c1\r\neth0');
  t.same(holders(stored('web')), ['c1']);
  makeOld(path.join(networks, 'web'));
  writeFileSync(target, 'c2\r\neth0');
  t.same(holders(stored('web')), ['c2']);
});

t.test('ten thousand networks cost one listing, and none when nothing changed', async (t) => {
  const { networks, files, leases } = start(t);
  writeLease(networks, 'net7', '10.1.0.2', 'c1');
  for (const folder of [path.join(networks, 'net7'), networks]) makeOld(folder);
  const all = Array.from({ length: 10_000 }, (_, index) => stored(`net${index}`));
  const ask = () => {
    files.asked.length = 0;
    const look = leases.look();
    return all.flatMap((network) => look(network).leases.map(({ containerId }) => [network.network.name, containerId]));
  };
  t.same(ask(), [['net7', 'c1']]);
  t.same(files.asked, [networks, path.join(networks, 'net7'), path.join(networks, 'net7/10.1.0.2')]);
  t.same(ask(), [['net7', 'c1']]);
  t.same(files.asked, []);
});

t.test('an impossible holder or interface is a problem, reported once', async (t) => {
  const { leases, holders, problems, networks } = start(t);
  writeLease(networks, 'web', '10.1.0.2', 'c1');
  const bad = {
    '10.1.0.3': '../../F\r\neth0',
    '10.1.0.4': 'c2\r\nx/../../F',
    '10.1.0.5': '-c3',
    '10.1.0.6': 'c4\r\na b',
  };
  for (const [address, text] of Object.entries(bad)) writeFileSync(path.join(networks, 'web', address), text);
  writeFileSync(path.join(networks, 'web', '10.1.0.7'), '');
  for (const age of ['young', 'old']) {
    t.same(holders(stored('web')), ['c1'], age);
    const found = leases.look()(stored('web')).problems;
    t.same(
      found.map(({ path: file }) => path.basename(file)).toSorted(),
      Object.keys(bad),
      'a lease that is being written is no problem',
    );
    makeOld(path.join(networks, 'web'));
  }
  t.equal(problems.length, 4);
  for (const { reason } of problems) t.match(reason, /^(container id|interface name) ".*" invalid: it has/);
});
