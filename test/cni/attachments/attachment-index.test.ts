import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { AttachmentIndex } from '../../../src/cni/attachments/attachment-index.js';
import { countUnfinished } from '../../../src/cni/attachments/count-unfinished.js';
import { JoinedAttachments } from '../../../src/cni/attachments/joined-attachments.js';
import { Leases } from '../../../src/cni/attachments/leases.js';
import { ResultCache } from '../../../src/cni/attachments/result-cache.js';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { toStored } from '../../../src/cni/folder/indexed-file.js';
import { cacheFileName } from '../../../src/cni/attachments/entry-faults.js';
import { encodeCacheEntry, type CacheEntry } from '../../../src/cni/attachments/cache-entry.js';
import { Files } from '../../../src/host/files/files.js';
import { Namespaces } from '../../../src/host/namespaces/namespaces.js';
import { ProcessTable } from '../../../src/host/programs/process-table.js';
import { compareAddresses, formatAddress } from '../../../src/ip/cidr.js';
import type { UnfinishedWork } from '../../../src/network/dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../../../src/network/dependencies/stored-network.js';
import { cacheEntry, seeLeasesIn, writeCacheEntry, writeLease } from '../../support/cache-entry.js';
import { makeNetns } from '../../support/netns.js';
import { makeScratch } from '../../support/scratch.js';

const live = makeNetns(t).path;
const gone = '/run/netns/podnetd-test-never-made';
const makeOld = (target: string) => utimesSync(target, new Date(0), new Date(0));

class CountingFiles extends Files {
  readonly asked: string[] = [];

  override list(folder: string): readonly string[] {
    this.asked.push(folder);
    return super.list(folder);
  }

  override stamp(target: string): ReturnType<Files['stamp']> {
    this.asked.push(target);
    return super.stamp(target);
  }
}

/** Acts as on a host without a free inotify instance. */
class BlindFiles extends Files {
  override watch(): undefined {
    return undefined;
  }
}

function open(t: Test, cacheDir: string, files = new Files()) {
  const problems: FileProblem[] = [];
  const netnsDir = makeScratch(t);
  const running: string[] = [];
  const asked = { processes: 0 };
  const living = {
    namespaces: new Namespaces(netnsDir),
    readProcesses: () => {
      asked.processes += 1;
      return new ProcessTable(new Map(running.map((commandLine) => [commandLine, ['1']])), new Map(), {
        isOwn: () => true,
        isOwnGroup: () => undefined,
      });
    },
  };
  const onProblem = (problem: FileProblem) => void problems.push(problem);
  const results = new ResultCache(cacheDir, files, onProblem);
  t.teardown(() => results.close());
  const index = new AttachmentIndex(
    results,
    new Leases(seeLeasesIn(path.join(cacheDir, 'networks')), files, onProblem),
    living,
  );
  return {
    index,
    problems,
    netnsDir,
    running,
    asked,
    ids: async (network: string) => (await index.look()).of(network).map(({ containerId }) => containerId),
    dead: async (network: string) => (await index.look()).dead(network).map(({ containerId }) => containerId),
    users: async (network: string) => (await index.look()).usersOf(stored(network)),
  };
}

function stored(name: string, more: object = {}): StoredNetwork {
  const ipam = { ...more, type: 'host-local', ranges: [[{ subnet: '10.1.0.0/24' }]] };
  const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: 'br0', ipam }] });
  return toStored({ key: `${name}.conflist`, path: `/${name}.conflist`, decoded: decodeFile(text, true, 0n) });
}

const entry = (network: string, id: string, more: Partial<CacheEntry> = {}) =>
  cacheEntry(network, id, { netns: live, ...more });
const named = (name: string) => ({ cniArgs: [['K8S_POD_NAME', name]] as const });

for (const [label, files] of [
  ['with inotify', new Files()],
  ['without inotify', new BlindFiles()],
] as const) {
  t.test(label, async (t) => {
    const start = (t: Test) => {
      const cacheDir = makeScratch(t);
      return { cacheDir, results: path.join(cacheDir, 'results'), ...open(t, cacheDir, files) };
    };

    t.test('sees attachments come, change and go', async (t) => {
      const { cacheDir, ids, dead } = start(t);
      t.same(await ids('web'), [], 'no folder');
      const first = writeCacheEntry(cacheDir, entry('web', 'c1'));
      writeCacheEntry(cacheDir, entry('db', 'c1', { ifName: 'eth1' }));
      t.same([await ids('web'), await ids('db')], [['c1'], ['c1']]);
      writeFileSync(first, encodeCacheEntry(entry('web', 'c1', { netns: gone })));
      t.same([await ids('web'), await dead('web')], [[], ['c1']]);
      writeFileSync(first, encodeCacheEntry(entry('web', 'c1')));
      t.same(await ids('web'), ['c1']);
      unlinkSync(first);
      t.same([await ids('web'), await ids('db')], [[], ['c1']]);
    });

    t.test('an entry under the name of another is refused', async (t) => {
      const { cacheDir, results, ids, index, problems } = start(t);
      const first = writeCacheEntry(cacheDir, entry('web', 'c1'));
      t.same(await ids('web'), ['c1']);
      for (const [network, id] of [
        ['web', 'c2'],
        ['new', 'c1'],
      ] as const) {
        writeFileSync(first, encodeCacheEntry(entry(network, id)));
        t.same([await ids('web'), await ids('new')], [[], []]);
        const problem = { path: first, reason: new RegExp(`container ${id} on network ${network}, whose file is`) };
        t.match((await index.look()).faults([]), [{ ...problem, claim: { networkName: network, containerId: id } }]);
        t.match(problems.at(-1), problem, 'and logged');
      }
      renameSync(first, path.join(results, 'new-c1-eth0'));
      t.same(await ids('new'), ['c1'], 'accepted under its own name');
      t.same((await index.look()).faults([]), []);
      t.equal(problems.length, 2);
    });

    t.test('sees a folder that comes late, goes and is replaced', async (t) => {
      const { cacheDir, results, ids } = start(t);
      t.same(await ids('web'), []);
      writeCacheEntry(cacheDir, entry('web', 'c1'));
      t.same(await ids('web'), ['c1']);
      renameSync(results, `${results}-old`);
      t.same(await ids('web'), []);
      writeCacheEntry(cacheDir, entry('web', 'c2'));
      t.same(await ids('web'), ['c2']);
      rmSync(results, { recursive: true });
      t.same(await ids('web'), []);
    });

    t.test('a half-written file keeps its meaning until it has settled', async (t) => {
      const { cacheDir, ids, problems } = start(t);
      const whole = encodeCacheEntry(entry('web', 'c1'));
      const target = writeCacheEntry(cacheDir, entry('web', 'c1'));
      t.same(await ids('web'), ['c1']);
      writeFileSync(target, whole.slice(0, 60));
      t.same(await ids('web'), ['c1']);
      t.same(problems, []);
      makeOld(target);
      t.same(await ids('web'), []);
      t.match(problems, [{ path: target, reason: /JSON/ }]);
      writeFileSync(target, whole);
      t.same(await ids('web'), ['c1']);
    });

    t.test('files that cannot be used hide no other file, and are reported once', async (t) => {
      const { cacheDir, results, ids, problems } = start(t);
      writeCacheEntry(cacheDir, entry('web', 'c1'));
      const bad: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
        'a-bare-result': ['{"cniVersion":"0.4.0","ips":[]}', /a bare result/],
        'another-kind': ['{"kind":"x"}', /the kind is "x"/],
        empty: ['', /JSON/],
        list: ['[]', /not a JSON object/],
      };
      for (const [file, [text]] of Object.entries(bad)) {
        writeFileSync(path.join(results, file), text);
        makeOld(path.join(results, file));
      }
      mkdirSync(path.join(results, 'folder'));
      symlinkSync('loop', path.join(results, 'loop'));
      t.same(await ids('web'), ['c1']);
      t.same(await ids('web'), ['c1']);
      const reasons = Object.fromEntries(problems.map((problem) => [path.basename(problem.path), problem.reason]));
      for (const [file, [, reason]] of Object.entries(bad)) t.match(reasons[file], reason, file);
      t.match(reasons, { folder: /not a regular file/, loop: /ELOOP/ });
      t.equal(problems.length, 6);
    });
  });
}

t.test('an attachment with the largest configuration counts', async (t) => {
  const cacheDir = makeScratch(t);
  const { ids, problems } = open(t, cacheDir);
  const conflist = {
    cniVersion: '1.0.0',
    name: 'web',
    plugins: [{ type: 'bridge', padding: 'x'.repeat(15 * 2 ** 20) }],
  };
  writeCacheEntry(cacheDir, entry('web', 'c1', { config: JSON.stringify(conflist) }));
  t.same([await ids('web'), problems], [['c1'], []]);
});

t.test('each look judges anew which attachments are alive', async (t) => {
  const cacheDir = makeScratch(t);
  const { ids, dead, users, netnsDir } = open(t, cacheDir);
  const inside = path.join(netnsDir, 'link');
  symlinkSync(live, inside);
  writeCacheEntry(cacheDir, entry('web', 'c1', { netns: inside }));
  writeCacheEntry(cacheDir, entry('web', 'c2', { netns: gone }));
  writeCacheEntry(cacheDir, cacheEntry('web', 'c3', { result: {} }));
  t.same((await ids('web')).toSorted(), ['c1', 'c3'], 'an unknown namespace counts');
  t.same(await dead('web'), ['c2']);
  unlinkSync(inside);
  t.same(await ids('web'), ['c3'], 'without any change of the cache');
  t.same((await dead('web')).toSorted(), ['c1', 'c2']);
  t.same(await users('web'), ['c3']);
});

t.test('users are sorted and listed once, by name where they have one', async (t) => {
  const cacheDir = makeScratch(t);
  const { users, asked } = open(t, cacheDir);
  writeCacheEntry(cacheDir, entry('web', 'id-of-b', named('b')));
  writeCacheEntry(cacheDir, entry('web', 'id-of-b', { ifName: 'eth1' }));
  writeCacheEntry(cacheDir, entry('web', 'a-nameless'));
  writeCacheEntry(cacheDir, entry('web', 'z-gone', { netns: gone, ...named('a') }));
  writeCacheEntry(cacheDir, entry('web-2', 'other'));
  t.same(await users('web'), ['a-nameless', 'b']);
  t.same(await users('none'), []);
  t.equal(asked.processes, 0);
});

t.test('a lease counts while its holder lives', async (t) => {
  const cacheDir = makeScratch(t);
  const { users, netnsDir, running, asked } = open(t, cacheDir);
  const hold = (address: string, holder: string) => writeLease(path.join(cacheDir, 'networks'), 'web', address, holder);
  hold('10.1.0.2', 'attached');
  writeCacheEntry(cacheDir, entry('web', 'attached', named('front')));
  t.same(await users('web'), ['front'], 'once');
  hold('10.1.0.3', 'elsewhere');
  writeCacheEntry(cacheDir, entry('db', 'elsewhere', named('back')));
  t.same(await users('web'), ['back', 'front'], 'alive on another network');
  t.equal(asked.processes, 0, 'the processes are not read yet');

  hold('10.1.0.4', 'dead');
  writeCacheEntry(cacheDir, entry('web', 'dead', { netns: gone }));
  running.push('dead');
  t.same(await users('web'), ['back', 'front'], 'its namespace decides');

  hold('10.1.0.5', 'monitored-1234');
  hold('10.1.0.6', 'with-netns');
  hold('10.1.0.7', 'cni-netns');
  hold('10.1.0.8', '../../etc/passwd');
  t.same(await users('web'), ['back', 'front'], 'nothing is left of them');
  running.push('conmon\0-c\0monitored-1234');
  symlinkSync(live, path.join(netnsDir, 'with-netns'));
  symlinkSync(live, path.join(netnsDir, 'cni-cni-netns'));
  t.same(await users('web'), ['back', 'cni-netns', 'front', 'monitored-1234', 'with-netns']);
});

t.test('a lease has a living holder, a dead one, or one whose work is under way', async (t) => {
  const cacheDir = makeScratch(t);
  const { index, running } = open(t, cacheDir);
  for (const [last, holder] of ['attached', 'dead', 'begun', 'running'].entries())
    writeLease(path.join(cacheDir, 'networks'), 'web', `10.1.0.${last + 2}`, holder);
  writeCacheEntry(cacheDir, entry('web', 'attached', named('front')));
  writeCacheEntry(cacheDir, entry('web', 'dead', { ...named('old'), netns: gone }));
  running.push('running');
  const web = stored('web');
  const begun = { networkName: 'web', containerId: 'begun', containerName: 'new', ifName: 'eth0' } as UnfinishedWork;
  const view = countUnfinished(await index.look(), [begun, { ...begun, networkName: 'db', containerId: 'dead' }]);
  const holders = view
    .leases(web)
    .toSorted((a, b) => compareAddresses(a.address, b.address))
    .map(({ address, containerId }) => ({ address: formatAddress(address), ...view.holderOf(containerId, web) }));
  t.strictSame(holders, [
    { address: '10.1.0.2', containerName: 'front', lives: true },
    { address: '10.1.0.3', containerName: 'old', lives: false },
    { address: '10.1.0.4', containerName: 'new', lives: true },
    { address: '10.1.0.5', containerName: undefined, lives: true },
  ]);
});

t.test(
  'a folder of leases that two runtimes share counts once, and a holder that one of them knows lives',
  async (t) => {
    const [root, user] = [makeScratch(t), makeScratch(t)];
    const dataDir = path.join(root, 'networks');
    const indexes = [open(t, root), open(t, user)].map(({ index }) => index);
    writeLease(dataDir, 'web', '10.1.0.2', 'theirs');
    writeCacheEntry(user, entry('web', 'theirs', named('front')));
    const web = stored('web', { dataDir });
    const view = await new JoinedAttachments(indexes).look();
    t.strictSame(
      view.leases(web).map(({ address, containerId }) => [formatAddress(address), containerId]),
      [['10.1.0.2', 'theirs']],
    );
    t.strictSame(view.holderOf('theirs', web), { containerName: 'front', lives: true });
    t.strictSame(view.holderOf('nobody', web), { containerName: undefined, lives: false });
  },
);

t.test('processes are read once a look', async (t) => {
  const cacheDir = makeScratch(t);
  const { index, asked } = open(t, cacheDir);
  for (const network of ['a', 'b', 'c'])
    writeLease(path.join(cacheDir, 'networks'), network, '10.1.0.2', `holder-of-${network}`);
  const view = await index.look();
  for (const network of ['a', 'b', 'c']) t.same(view.usersOf(stored(network)), []);
  t.equal(asked.processes, 1);
});

t.test('a look at ten thousand unchanged attachments asks for the folder alone', async (t) => {
  const cacheDir = makeScratch(t);
  const results = path.join(cacheDir, 'results');
  mkdirSync(results);
  for (let number = 0; number < 10_000; number += 1) {
    const one = entry(`net${number % 1000}`, `c${number}`);
    writeFileSync(path.join(results, cacheFileName(one)), encodeCacheEntry(one));
  }
  const files = new CountingFiles();
  const { ids } = open(t, cacheDir, files);
  t.equal((await ids('net7')).length, 10);
  files.asked.length = 0;
  t.equal((await ids('net7')).length, 10);
  t.same(files.asked, [results]);
});
