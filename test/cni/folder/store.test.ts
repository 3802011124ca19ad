import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { NetworkStore } from '../../../src/cni/folder/store.js';
import type { FileStamp } from '../../../src/host/files/file-stamp.js';
import { Files } from '../../../src/host/files/files.js';
import type { ReadOutcome } from '../../../src/host/files/read-file.js';
import type { StoredNetwork } from '../../../src/network/dependencies/stored-network.js';
import { makeScratch } from '../../support/scratch.js';
import { openStore } from './open-store.js';

const notFound = { kind: 'notFound', message: /unable to find network with name or ID/ };

/** Acts as on a host without a free inotify instance. */
class BlindFiles extends Files {
  override watch(): undefined {
    return undefined;
  }
}

/** Acts as for a reader whose events of another podnetd’s temporary names have not arrived. */
class LateFiles extends Files {
  readonly #late: (() => void)[] = [];

  override watch(folder: string, onChange: (fileName: string | undefined) => void, onEnd: () => void) {
    const onEvent = (fileName: string | undefined) => {
      if (fileName?.startsWith('.podnetd-') === true) this.#late.push(() => onChange(fileName));
      else onChange(fileName);
    };
    return super.watch(folder, onEvent, onEnd);
  }

  arrive(): void {
    for (const event of this.#late.splice(0)) event();
  }
}

/** Acts as on a kernel whose file system clock ticks slowly. */
class CoarseFiles extends Files {
  override stamp(target: string): FileStamp | undefined {
    return coarsen(super.stamp(target));
  }

  override read(target: string, limitBytes: number): ReadOutcome | undefined {
    const found = super.read(target, limitBytes);
    return found && 'text' in found ? { ...found, stamp: coarsen(found.stamp) ?? found.stamp } : found;
  }
}

function coarsen(stamp: FileStamp | undefined): FileStamp | undefined {
  const tickNs = 100_000_000n;
  const round = (timeNs: bigint) => (timeNs / tickNs) * tickNs;
  return stamp && { ...stamp, mtimeNs: round(stamp.mtimeNs), ctimeNs: round(stamp.ctimeNs) };
}

function conflist(name: string, subnet = '10.1.0.0/24', bridge = 'br0'): string {
  const ipam = { type: 'host-local', ranges: [[{ subnet }]] };
  return JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge, isGateway: true, ipam }] });
}

/** Every test of a store ends with a new store that sees the same networks. */
async function names(t: Test, folder: string, store: NetworkStore): Promise<readonly string[]> {
  const seen = (await store.list()).map(({ network }) => network.name);
  const again = openStore(folder);
  t.same(
    (await again.store.list()).map(({ network }) => network.name),
    seen,
    'a new store sees the same',
  );
  again.store.close();
  return seen;
}

const makeOld = (target: string) => utimesSync(target, new Date(0), new Date(0));

for (const [label, files] of [
  ['with inotify', new Files()],
  ['without inotify', new BlindFiles()],
] as const) {
  t.test(label, async (t) => {
    const start = (t: Test) => {
      const folder = makeScratch(t);
      const opened = openStore(folder, files);
      t.teardown(() => opened.store.close());
      return { folder, ...opened, at: (name: string) => path.join(folder, name) };
    };

    t.test('sees files that other programs create, edit in place, rename and delete', async (t) => {
      const { folder, store, at } = start(t);
      t.same(await names(t, folder, store), ['podman'], 'the default network alone');
      writeFileSync(at('a.conflist'), conflist('a'));
      writeFileSync(at('b.conflist'), conflist('b'));
      t.same(await names(t, folder, store), ['a', 'b', 'podman']);
      writeFileSync(at('a.conflist'), conflist('z'));
      t.same(await names(t, folder, store), ['z', 'b', 'podman'], 'edited in place, same size');
      renameSync(at('b.conflist'), at('0.conflist'));
      t.same(await names(t, folder, store), ['b', 'z', 'podman'], 'in the order of the files');
      unlinkSync(at('0.conflist'));
      t.same(await names(t, folder, store), ['z', 'podman']);
      await t.rejects(store.find('b'), notFound);
    });

    t.test('reports the networks that appear and vanish', async (t) => {
      const { folder, store, changes, at } = start(t);
      const emitted = async () => {
        await store.refresh();
        return changes.splice(0).toSorted();
      };
      writeFileSync(at('old.conflist'), conflist('old'));
      t.same(await emitted(), [], 'a network from before the first look is no event');
      writeFileSync(at('a.conflist'), conflist('a'));
      writeFileSync(at('b.conflist'), conflist('b'));
      t.same(await emitted(), ['create a', 'create b']);
      writeFileSync(at('new'), conflist('a', '10.9.0.0/24'));
      renameSync(at('new'), at('a.conflist'));
      writeFileSync(at('b.conflist'), conflist('b', '10.8.0.0/24'));
      t.same(await emitted(), [], 'replaced by an editor');
      writeFileSync(at('c.conflist'), conflist('b'));
      t.same(await emitted(), [], 'a second file of the name');
      unlinkSync(at('b.conflist'));
      t.same(await emitted(), [], 'which takes it over');
      renameSync(at('c.conflist'), at('d.conflist'));
      t.same(await emitted(), [], 'the file has another name');
      writeFileSync(at('a.conflist'), conflist('z'));
      unlinkSync(at('d.conflist'));
      t.same(await emitted(), ['create z', 'remove a', 'remove b']);
      writeFileSync(at('87-podman.conflist'), conflist('podman'));
      t.same(await emitted(), [], 'the default network gets a file');
      unlinkSync(at('87-podman.conflist'));
      t.same(await emitted(), [], 'and loses it');
      rmSync(folder, { recursive: true });
      t.same(await emitted(), ['remove old', 'remove z']);
    });

    t.test('sees a folder that comes late, goes and is replaced', async (t) => {
      const scratch = makeScratch(t);
      const folder = path.join(scratch, 'net.d');
      const { store } = openStore(folder, files);
      t.teardown(() => store.close());
      t.same(await names(t, folder, store), ['podman']);
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'a.conflist'), conflist('a'));
      t.same(await names(t, folder, store), ['a', 'podman']);
      renameSync(folder, path.join(scratch, 'old'));
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'b.conflist'), conflist('b'));
      t.same(await names(t, folder, store), ['b', 'podman']);
      rmSync(folder, { recursive: true });
      t.same(await names(t, folder, store), ['podman']);
    });

    t.test('plugin folders belong to the list of their name', async (t) => {
      const { folder, store, problems, at } = start(t);
      writeFileSync(at('web.conflist'), conflist('web'));
      writeFileSync(at('other.conflist'), conflist('other', '10.2.0.0/24', 'br1'));
      t.same(await names(t, folder, store), ['other', 'web', 'podman']);
      const types = async (name: string) => {
        const { conflist: found } = (await store.find(name)) as { conflist: { plugins?: { type: string }[] } };
        return found.plugins?.map(({ type }) => type);
      };
      mkdirSync(at('web'));
      writeFileSync(at('web/20.conf'), '{"type":"guard"}');
      writeFileSync(at('web/10.conf'), '{"type":"ptp","ipam":{"type":"host-local","subnet":"10.8.0.0/24"}}');
      writeFileSync(at('web/30.json'), '{"type":"not-read"}');
      mkdirSync(at('web/40.conf'));
      t.same(await types('web'), ['bridge', 'ptp', 'guard'], 'in the order of their names');
      t.same(await types('other'), ['bridge']);
      t.equal((await store.find('web')).text, conflist('web'), 'the file is what it is');
      writeFileSync(at('web/20.conf'), '{"type":"other"}');
      t.same(await types('web'), ['bridge', 'ptp', 'other'], 'edited in place');
      renameSync(at('web/20.conf'), at('web/05.conf'));
      t.same(await types('web'), ['bridge', 'other', 'ptp'], 'renamed');
      writeFileSync(at('web.conflist'), conflist('web', '10.1.0.0/24', 'br9'));
      t.same(await types('web'), ['bridge', 'other', 'ptp'], 'when the list is edited');
      renameSync(at('web'), at('other'));
      t.same([await types('web'), await types('other')], [['bridge'], ['bridge', 'other', 'ptp']], 'when it moves');
      t.same(await names(t, folder, store), ['other', 'web', 'podman']);
      rmSync(at('other'), { recursive: true });
      t.same(await types('other'), ['bridge'], 'when it goes');
      t.same(problems, []);
    });

    t.test('a list may leave all plugins to the folder, or none', async (t) => {
      const { store, at } = start(t);
      const list = (more: object) => JSON.stringify({ cniVersion: '1.0.0', name: 'web', ...more });
      mkdirSync(at('web'));
      writeFileSync(at('web/10.conf'), '{"type":"bridge","bridge":"br5"}');
      writeFileSync(at('web.conflist'), list({}));
      t.match(await store.find('web'), { network: { driver: 'bridge', networkInterface: 'br5' } });
      for (const loadOnlyInlinedPlugins of [true, 'TRUE']) {
        writeFileSync(at('web.conflist'), list({ loadOnlyInlinedPlugins, plugins: [{ type: 'ptp' }] }));
        t.same((await store.find('web')).conflist['plugins'], [{ type: 'ptp' }]);
      }
      for (const [more, reason] of [
        [{ plugins: [] }, /no plugins in list/],
        [{ plugins: {} }, /invalid 'plugins' type/],
        [{ loadOnlyInlinedPlugins: true }, /no 'plugins' key/],
      ] as const) {
        writeFileSync(at('web.conflist'), list(more));
        t.match(await store.problems(), [{ path: at('web.conflist'), reason }]);
      }
    });

    t.test('a plugin folder with a fault hides its network, whose names and prefixes stay taken', async (t) => {
      const { folder, store, at } = start(t);
      writeFileSync(at('web.conflist'), conflist('web'));
      mkdirSync(at('web'));
      writeFileSync(at('web/10.conf'), '{"type":"ptp","ipam":{"subnet":"10.8.0.0/24"}}');
      writeFileSync(at('web/20.conf'), '{"ty');
      await t.rejects(store.find('web'), notFound, 'a file that is being written for the first time hides its network');
      t.match(await store.problems(), [
        { path: at('web.conflist'), reason: /^failed to read plugin config files: .*\/web\/20.conf: .*JSON/ },
      ]);
      writeFileSync(at('web/20.conf'), '{"type":"guard"}');
      t.same(await names(t, folder, store), ['web', 'podman']);
      writeFileSync(at('web/20.conf'), '{"ty');
      await store.find('web');
      t.same(await store.problems(), [], 'and a file that is being rewritten counts as before');
      makeOld(at('web/20.conf'));
      await t.rejects(store.find('web'), notFound);
      rmSync(at('web/20.conf'));
      symlinkSync(at('web/20.conf'), at('web/20.conf'));
      await t.rejects(store.find('web'), notFound);
      t.match(await store.problems(), [{ reason: /20.conf: ELOOP/ }]);
      rmSync(at('web/20.conf'));
      t.same(await names(t, folder, store), ['web', 'podman']);
    });

    t.test('sees files whose name is an extension alone', async (t) => {
      const { folder, store, at } = start(t);
      writeFileSync(at('.conflist'), conflist('a'));
      t.same(await names(t, folder, store), ['a', 'podman']);
    });

    t.test('sees files whose names are not UTF-8', async (t) => {
      const { folder, store, at } = start(t);
      const inBytes = (...bytes: readonly number[]) =>
        Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(...bytes), Buffer.from('.conflist')]);
      writeFileSync(inBytes(0x61, 0xff), conflist('a'));
      writeFileSync(inBytes(0x61, 0xfe), conflist('b', '10.2.0.0/24', 'br1'));
      writeFileSync(inBytes(0xc3, 0xbc), conflist('c', '10.3.0.0/24', 'br2'));
      t.same(await names(t, folder, store), ['b', 'a', 'c', 'podman']);
      const found = await store.find('a');
      t.equal(found.path, at('a\udcff.conflist'), 'the byte differs from any character');
      t.equal(new Files().readText(found.path ?? '', 1024), found.text, 'and leads to the file');
      writeFileSync(inBytes(0x61, 0xff), conflist('z'));
      t.same(await names(t, folder, store), ['b', 'z', 'c', 'podman'], 'edited in place');
      renameSync(inBytes(0x61, 0xfe), inBytes(0x62, 0xfe));
      writeFileSync(inBytes(0x61, 0xff), '{');
      utimesSync(inBytes(0x61, 0xff), new Date(0), new Date(0));
      t.same(await names(t, folder, store), ['b', 'c', 'podman']);
      t.match(await store.problems(), [{ path: at('a\udcff.conflist'), reason: /JSON/ }]);
      unlinkSync(inBytes(0x62, 0xfe));
      t.same(await names(t, folder, store), ['c', 'podman']);
    });

    t.test('sees edits through other names of a file', async (t) => {
      const { folder, store, at } = start(t);
      const elsewhere = makeScratch(t);
      writeFileSync(path.join(elsewhere, 'one'), conflist('one'));
      writeFileSync(path.join(elsewhere, 'two'), conflist('two'));
      symlinkSync(path.join(elsewhere, 'one'), at('1.conflist'));
      linkSync(path.join(elsewhere, 'two'), at('2.conflist'));
      t.same(await names(t, folder, store), ['one', 'two', 'podman']);
      writeFileSync(path.join(elsewhere, 'one'), conflist('1ne'));
      writeFileSync(path.join(elsewhere, 'two'), conflist('2wo'));
      t.same(await names(t, folder, store), ['1ne', '2wo', 'podman']);
    });

    t.test('a half-written file keeps its meaning until it has settled', async (t) => {
      const { store, problems, at } = start(t);
      const whole = conflist('a');
      writeFileSync(at('a.conflist'), whole);
      await store.list();
      writeFileSync(at('a.conflist'), whole.slice(0, 40));
      t.equal((await store.find('a')).network.networkInterface, 'br0', 'still known');
      t.same(problems, [], 'nothing is logged yet');
      writeFileSync(at('b.conflist'), '{');
      t.match(await store.problems(), [
        { path: at('a.conflist'), reason: /JSON.* \(changed less than a second ago: it may be half-written\)/ },
        { path: at('b.conflist'), reason: /JSON.* half-written/, line: 1 },
      ]);
      unlinkSync(at('b.conflist'));
      makeOld(at('a.conflist'));
      await t.rejects(store.find('a'), notFound);
      t.match(problems, [{ path: at('a.conflist'), reason: /Unterminated|Unexpected|Expected|JSON/ }]);
      writeFileSync(at('a.conflist'), conflist('a', '10.1.0.0/24', 'br1'));
      t.equal((await store.find('a')).network.networkInterface, 'br1', 'mended');
      t.same(await store.problems(), []);
    });

    t.test('files that cannot be used hide no other file, and are reported once a change', async (t) => {
      const { folder, store, problems, at } = start(t);
      writeFileSync(at('good.conflist'), conflist('good'));
      const bad: Record<string, [text: string, reason: RegExp]> = {
        'array.conflist': ['[]', /array is not an object/],
        'broken.conflist': ['{', /JSON/],
        'empty.conflist': ['', /JSON/],
        'gateway.conflist': [
          '{"name":"g","plugins":[{"type":"bridge","ipam":{"type":"host-local","ranges":[[{"subnet":"10.7.0.0/24","gateway":"?01"}]]}}]}',
          /failed to parse gateway ip \?01/,
        ],
        'name-missing.conflist': ['{"plugins":[{"type":"bridge"}]}', /no name/],
        'name-type.conflist': ['{"name":5,"plugins":[{"type":"bridge"}]}', /invalid name number/],
        'name-bad.conflist': ['{"name":"a b","plugins":[{"type":"bridge"}]}', /"a b" is not a valid name/],
        'plugins-missing.conflist': ['{"name":"p"}', /no 'plugins' key/],
        'plugins-empty.conflist': ['{"name":"p2","plugins":[]}', /no plugins in list/],
        'plugins-type.conflist': ['{"name":"p3","plugins":{}}', /invalid 'plugins' type object/],
        'type-missing.conflist': ['{"name":"t","plugins":[{}]}', /plugin config 0.*missing 'type'/],
        'twice.conflist': [conflist('good'), /the same network name as .*\/good\.conflist/],
        'single.conf': ['{"name":"s"}', /^error parsing configuration: missing 'type'$/],
        'single.json': ['{"type":"bridge","bridge":"br8"}', /^error parsing configuration: no name$/],
        'single-name.conf': ['{"type":"bridge","name":"a b"}', /"a b" is not a valid name/],
        'single-broken.json': ['{', /^error parsing configuration: .*JSON/],
        'list.conf': [conflist('l'), /missing 'type'; a list of plugins is read from a .conflist alone/],
        'large.conflist': [' '.repeat(16 * 1024 * 1024 + 1), /larger than 16777216 bytes/],
      };
      for (const [file, [text]] of Object.entries(bad)) {
        writeFileSync(at(file), text);
        makeOld(at(file));
      }
      mkdirSync(at('folder.conflist'));
      symlinkSync(at('loop.conflist'), at('loop.conflist'));
      symlinkSync('/nowhere/at/all', at('dangling.conflist'));
      writeFileSync(at('usable.conf'), '{"type":"bridge","name":"usable"}');
      t.same(await names(t, folder, store), ['good', 'podman']);
      const reasons = Object.fromEntries(
        (await store.problems()).map((entry) => [path.basename(entry.path), entry.reason]),
      );
      for (const [file, [, reason]] of Object.entries(bad)) t.match(reasons[file], reason, file);
      t.match(reasons['folder.conflist'], /not a regular file/);
      t.match(reasons['loop.conflist'], /ELOOP/);
      t.equal(reasons['dangling.conflist'], 'a symbolic link to /nowhere/at/all, which is not there');
      t.notOk('usable.conf' in reasons);
      t.equal(problems.length, Object.keys(reasons).length);
      await store.list();
      t.equal(problems.length, Object.keys(reasons).length, 'not reported again');
      unlinkSync(at('good.conflist'));
      const left = (await store.problems()).map((entry) => path.basename(entry.path));
      t.notOk(left.includes('twice.conflist'), 'the other file has the name now');
      t.equal((await store.find('good')).path, at('twice.conflist'));
    });

    t.test('a link that leads nowhere is seen once it leads somewhere', async (t) => {
      const { folder, store, at } = start(t);
      const elsewhere = path.join(makeScratch(t), 'one');
      symlinkSync(elsewhere, at('1.conflist'));
      t.match(await store.problems(), [{ path: at('1.conflist'), reason: /which is not there/ }]);
      writeFileSync(elsewhere, conflist('one'));
      t.same(await names(t, folder, store), ['one', 'podman']);
      unlinkSync(elsewhere);
      t.same(await names(t, folder, store), ['podman']);
      unlinkSync(at('1.conflist'));
      t.same(await store.problems(), []);
    });

    t.test('a file that defines the default network takes the place of the one in memory', async (t) => {
      const { folder, store, at } = start(t);
      const described = ({ network, path: file }: StoredNetwork) => [network.networkInterface, file];
      t.same(described(await store.find('podman')), ['cni-podman0', undefined]);
      writeFileSync(at('87-podman.conflist'), conflist('podman', '10.77.0.0/16'));
      t.same(described(await store.find('podman')), ['br0', at('87-podman.conflist')]);
      t.same(await names(t, folder, store), ['podman']);
      unlinkSync(at('87-podman.conflist'));
      t.same(described(await store.find('podman')), ['cni-podman0', undefined]);
    });

    t.test('finds by name, id and the unique beginning of an id', async (t) => {
      const { store, at } = start(t);
      // sha256: a ca978112…, b 3e23e816…, e 3f79bb7b…
      for (const name of ['a', 'b', 'e']) writeFileSync(at(`${name}.conflist`), conflist(name));
      t.equal((await store.find('ca97')).network.name, 'a');
      t.equal((await store.find((await store.find('b')).network.id)).network.name, 'b');
      t.equal((await store.find('3f')).network.name, 'e');
      await t.rejects(store.find('3'), { kind: 'ambiguous', message: /more than one result/ });
      await t.rejects(store.find(''), notFound);
      await t.rejects(store.find('__proto__'), notFound);
    });
  });
}

t.test('sees two changes of the same size within one tick of the clock', async (t) => {
  const folder = makeScratch(t);
  const { store } = openStore(folder, new CoarseFiles());
  t.teardown(() => store.close());
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    writeFileSync(path.join(folder, 'a.conflist'), conflist(name));
    t.same(
      (await store.list()).map(({ network }) => network.name),
      [name, 'podman'],
    );
  }
});

t.test('a half-written file is read once a look, and parsed once', async (t) => {
  let reads = 0;
  class CountingFiles extends Files {
    override read(target: string, limitBytes: number): ReadOutcome | undefined {
      reads += 1;
      return super.read(target, limitBytes);
    }
  }
  const folder = makeScratch(t);
  const text = `{"name":"${'a'.repeat(1_000)}`;
  const { parse } = JSON;
  let parsed = 0;
  const counting: typeof parse = (...args) => {
    if (args[0] === text) parsed += 1;
    return parse(...args) as unknown;
  };
  JSON.parse = counting;
  t.teardown(() => (JSON.parse = parse));
  const { store } = openStore(folder, new CountingFiles());
  t.teardown(() => store.close());
  writeFileSync(path.join(folder, 'a.conflist'), text);
  // Young for almost two seconds.
  const soon = Date.now() / 1_000 + 0.9;
  utimesSync(path.join(folder, 'a.conflist'), soon, soon);
  await store.list();
  const before = reads;
  await Promise.all(Array.from({ length: 20 }, async () => await store.list()));
  t.equal(reads - before, 1, 'one look serves all that ask at one time');
  await store.list();
  t.equal(reads - before, 2, 'a later one looks again');
  t.equal(parsed, 1);
  await Promise.all([store.list().then(async () => await store.list()), store.list()]);
  t.equal(reads - before, 4, 'who asks after the look has begun gets one of his own');
});

t.test('a list is the same object until something changes, and then in order again', async (t) => {
  const folder = makeScratch(t);
  const { store } = openStore(folder);
  t.teardown(() => store.close());
  const names = (networks: readonly StoredNetwork[]) => networks.map(({ network }) => network.name);
  for (const name of ['m', 'd']) writeFileSync(path.join(folder, `${name}.conflist`), conflist(name));
  const first = await store.list();
  t.same(names(first), ['d', 'm', 'podman']);
  t.equal(await store.list(), first);
  for (const name of ['z', 'a', 'f']) writeFileSync(path.join(folder, `${name}.conflist`), conflist(name));
  t.same(names(await store.list()), ['a', 'd', 'f', 'm', 'z', 'podman']);
  writeFileSync(path.join(folder, 'd.conflist'), conflist('e'));
  unlinkSync(path.join(folder, 'm.conflist'));
  t.same(names(await store.list()), ['a', 'e', 'f', 'z', 'podman']);
  t.same(names(first), ['d', 'm', 'podman'], 'an earlier list stays as it was');
});

t.test('a change of another podnetd is not seen before it ends, however late its temporary names arrive', async (t) => {
  const folder = makeScratch(t);
  const at = (name: string) => path.join(folder, name);
  const going = at('.podnetd-0123456789abcdef.old');
  const coming = at('.podnetd-0123456789abcdef.tmp');
  let isHeld = false;
  const files = new LateFiles();
  const { store, changes } = openStore(folder, files, () => isHeld);
  t.teardown(() => store.close());
  const shown = async () => (await store.list()).map(({ network }) => network.name);
  const shownInTime = async () => {
    await shown();
    files.arrive();
    return await shown();
  };
  writeFileSync(at('a.conflist'), conflist('a'));
  t.same(await shown(), ['a', 'podman']);

  isHeld = true;
  renameSync(at('a.conflist'), going);
  t.same(await shown(), ['a', 'podman'], 'a file that is being removed');
  linkSync(going, at('a.conflist'));
  t.same(await shown(), ['a', 'podman'], 'a removal that is being taken back');
  unlinkSync(going);
  t.same(await shownInTime(), ['a', 'podman'], 'back');
  writeFileSync(coming, conflist('b'));
  linkSync(coming, at('b.conflist'));
  t.same(await shown(), ['a', 'podman'], 'a file that is being created');
  t.same(changes, []);
  unlinkSync(coming);
  t.same(await shownInTime(), ['a', 'b', 'podman'], 'and stays');
  linkSync(at('a.conflist'), going);
  writeFileSync(coming, conflist('c'));
  renameSync(coming, at('a.conflist'));
  t.same(await shown(), ['a', 'b', 'podman'], 'a file that is being replaced');
  unlinkSync(going);
  t.same(await shownInTime(), ['c', 'b', 'podman'], 'for good');
  renameSync(at('b.conflist'), going);
  unlinkSync(going);
  t.same(await shownInTime(), ['c', 'podman'], 'removed, while the next change is under way');
});

t.test('a file that another program removed is not shown while another podnetd creates one of its name', async (t) => {
  const folder = makeScratch(t);
  const at = (name: string) => path.join(folder, name);
  const coming = at('.podnetd-0123456789abcdef.tmp');
  let isHeld = false;
  const { store, changes } = openStore(folder, new Files(), () => isHeld);
  t.teardown(() => store.close());
  const shown = async () => (await store.list()).map(({ network }) => network.name);
  writeFileSync(at('a.conflist'), conflist('a'));
  t.same(await shown(), ['a', 'podman']);

  unlinkSync(at('a.conflist'));
  isHeld = true;
  writeFileSync(coming, conflist('a', '10.2.0.0/24'));
  linkSync(coming, at('a.conflist'));
  t.same(await shown(), ['podman'], 'the former file is gone, the next one not yet durable');
  unlinkSync(coming);
  isHeld = false;
  t.same(await shown(), ['a', 'podman']);
  t.same(changes, ['remove a', 'create a']);
});
