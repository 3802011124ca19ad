import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { encodeIntent } from '../../../src/cni/runtime/intent.js';
import { cacheFileName } from '../../../src/cni/attachments/entry-faults.js';
import { decodeCacheEntry } from '../../../src/cni/attachments/cache-entry.js';
import { HeldNetns } from '../../../src/host/namespaces/held-netns.js';
import type { ErrorCode } from '../../../src/model/errors/catalogue.js';
import { makeAttaching, type TestAttaching } from '../../support/attaching.js';
import { cacheEntry } from '../../support/cache-entry.js';
import { connectAnyhow } from '../../support/connect-options.js';
import { makeNetns, removeNetns } from '../../support/netns.js';
import { runInside } from '../../support/processes.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const skip = missing('ip', 'nsenter');

interface Bench extends TestAttaching {
  /** One line a call: command, plugin, container's interface. */
  calls(): readonly string[];
  /** The configuration that the plugin received last. */
  stdin(plugin: string, command: string): unknown;
  plugin(name: string, script: string): void;
  network(name: string, plugins: readonly object[], more?: object): void;
}

const good = `printf '%s' '{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"/x"}],"ips":[]}'`;

/** Plugins that are scripts; each records its call before it acts. */
function makeBench(t: Test, timeoutMs = 60_000): Bench {
  const scratch = makeScratch(t);
  const bin = path.join(scratch, 'bin');
  mkdirSync(bin);
  const attaching = makeAttaching(t, { pluginDirs: [bin], limits: { timeoutMs, maxOutputBytes: 100_000 } });
  const log = path.join(scratch, 'calls');
  writeFileSync(log, '');
  return {
    ...attaching,
    calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    stdin: (plugin, command) => JSON.parse(readFileSync(path.join(scratch, `${plugin}.${command}`), 'utf8')) as unknown,
    plugin(name, script) {
      const head = `#!/bin/sh\necho "$CNI_COMMAND ${name}" >>${log}\ncat >${scratch}/${name}.$CNI_COMMAND\n`;
      writeFileSync(path.join(bin, name), `${head}${script}\n`);
      chmodSync(path.join(bin, name), 0o755);
    },
    network(name, plugins, more = {}) {
      const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins, ...more });
      writeFileSync(path.join(attaching.folder, `${name}.conflist`), text);
    },
  };
}

t.test('the chain is threaded, and undone in reverse with the same configuration', { skip }, async (t) => {
  const bench = makeBench(t);
  for (const name of ['one', 'two']) bench.plugin(name, `[ $CNI_COMMAND = DEL ] || ${good}`);
  bench.network('chain', [
    { type: 'one', capabilities: { mac: true } },
    { type: 'two', odd: [1, 'x'] },
  ]);
  const box = makeNetns(t);
  const text = readFileSync(path.join(bench.folder, 'chain.conflist'), 'utf8');
  const macAddress = '02:00:00:00:00:01';
  const attachment = await bench.attaching.connect('chain', box.name, { ...connectAnyhow, macAddress });
  t.match(bench.stdin('one', 'ADD'), { name: 'chain', cniVersion: '0.4.0', runtimeConfig: { mac: macAddress } });
  t.notHas(bench.stdin('one', 'ADD'), { prevResult: {} });
  t.match(bench.stdin('two', 'ADD'), { odd: [1, 'x'], prevResult: { interfaces: [{ name: 'eth0' }] } });
  t.notHas(bench.stdin('two', 'ADD'), { runtimeConfig: {} }, 'only what it declares');
  const results = path.join(bench.cacheDir, 'results');
  const [fileName = ''] = readdirSync(results);
  t.equal(fileName, `chain-${attachment.containerId}-eth0`);
  t.match(decodeCacheEntry(readFileSync(path.join(results, fileName), 'utf8'), fileName), {
    config: text,
    netns: box.path,
    cniArgs: [
      ['IgnoreUnknown', '1'],
      ['K8S_POD_NAMESPACE', box.name],
      ['K8S_POD_NAME', box.name],
      ['K8S_POD_INFRA_CONTAINER_ID', attachment.containerId],
      ['MAC', macAddress],
    ],
  });
  bench.network('chain', [{ type: 'three' }]);
  await bench.attaching.disconnect('chain', box.name, false);
  t.strictSame(bench.calls(), ['ADD one', 'ADD two', 'DEL two', 'DEL one'], 'not with the current file');
  t.match(bench.stdin('one', 'DEL'), { prevResult: { interfaces: [{ name: 'eth0' }] } });
  t.strictSame(readdirSync(results), []);
});

t.test('plugins of a folder are chained behind those of the list', { skip }, async (t) => {
  const bench = makeBench(t);
  for (const name of ['one', 'two', 'three', 'four']) bench.plugin(name, `[ $CNI_COMMAND = DEL ] || ${good}`);
  bench.network('guarded', [{ type: 'one' }]);
  const at = (name: string) => path.join(bench.folder, 'guarded', name);
  mkdirSync(at(''));
  writeFileSync(at('20.conf'), '{"type":"three","capabilities":{"mac":true}}');
  writeFileSync(at('10.conf'), '{"type":"two","name":"of no interest"}');
  const box = makeNetns(t);
  const macAddress = '02:00:00:00:00:01';
  await bench.attaching.connect('guarded', box.name, { ...connectAnyhow, macAddress });
  t.match(bench.stdin('three', 'ADD'), { name: 'guarded', cniVersion: '0.4.0', runtimeConfig: { mac: macAddress } });
  rmSync(at(''), { recursive: true });
  await bench.attaching.disconnect('guarded', box.name, false);
  const made = ['ADD one', 'ADD two', 'ADD three', 'DEL three', 'DEL two', 'DEL one'];
  t.strictSame(bench.calls(), made, 'removed by the plugins that added it');
  t.notHas(bench.stdin('one', 'DEL'), { loadOnlyInlinedPlugins: true });

  await bench.attaching.connect('guarded', box.name, connectAnyhow);
  mkdirSync(at(''));
  writeFileSync(at('10.conf'), '{"type":"four"}');
  await bench.attaching.disconnect('guarded', box.name, false);
  const later = ['ADD one', 'DEL four', 'DEL one'];
  t.strictSame(
    bench.calls().slice(made.length),
    later,
    'and by those that libcni would run, which caches the list alone',
  );
});

t.test('a chain that lacks a plugin of its folder is not run', { skip }, async (t) => {
  const bench = makeBench(t);
  bench.plugin('one', `[ $CNI_COMMAND = DEL ] || ${good}`);
  bench.network('guarded', [{ type: 'one' }]);
  const box = makeNetns(t);
  await bench.attaching.connect('guarded', box.name, connectAnyhow);
  mkdirSync(path.join(bench.folder, 'guarded'));
  const file = path.join(bench.folder, 'guarded', '10.conf');
  writeFileSync(file, '{"kind":"guard"}');
  const other = makeNetns(t);
  await t.rejects(bench.attaching.connect('guarded', other.name, connectAnyhow), {
    code: 'networkNotFound',
    message: /guarded/,
  });
  await t.rejects(bench.attaching.disconnect('guarded', box.name, false), {
    code: 'storageFailed',
    message: `read ${file}: error parsing configuration: missing 'type'`,
  });
  t.equal((await bench.runtime.known()).all().length, 1, 'the attachment stays known');
  await bench.attaching.disconnect('guarded', box.name, true);
  t.equal((await bench.runtime.known()).all().length, 0, 'unless it is forced');
});

/** A folder on another file system than that of scratch folders. */
function makeElsewhere(t: Test): string {
  const folder = mkdtempSync('/dev/shm/podnetd-');
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const isElsewhere = existsSync('/dev/shm') && statSync('/dev/shm').dev !== statSync(tmpdir()).dev;

t.test('the result cache may be on another file system', { skip: skip || !isElsewhere }, async (t) => {
  const bench = makeBench(t);
  bench.plugin('one', `[ $CNI_COMMAND = DEL ] || ${good}`);
  bench.network('far', [{ type: 'one' }]);
  const elsewhere = makeElsewhere(t);
  const results = path.join(bench.cacheDir, 'results');
  mkdirSync(bench.cacheDir, { recursive: true });
  symlinkSync(elsewhere, results);
  const box = makeNetns(t);
  const { containerId } = await bench.attaching.connect('far', box.name, connectAnyhow);
  t.strictSame(readdirSync(elsewhere), [`far-${containerId}-eth0`]);
  t.strictSame(readdirSync(path.join(bench.cacheDir, 'podnetd')), [], 'and the staging folder is empty');
  const unborn = '.podnetd-0123456789abcdef.tmp';
  writeFileSync(path.join(elsewhere, unborn), readFileSync(path.join(elsewhere, `far-${containerId}-eth0`)));
  t.equal(
    (await bench.runtime.known()).all().length,
    1,
    'an entry whose process died while writing it is no attachment',
  );
  await bench.runtime.repair(() => true, { patient: true });
  t.strictSame(readdirSync(elsewhere), [`far-${containerId}-eth0`], 'and goes');
  await bench.attaching.disconnect('far', box.name, false);
  t.strictSame(readdirSync(elsewhere), []);
});

const failures: readonly [string, string, ErrorCode, object, number?][] = [
  [
    'an error of its own',
    `echo '{"code":11,"msg":"later","details":"why"}'; exit 1`,
    'pluginFailed',
    { code: 11, msg: 'later', details: 'why' },
  ],
  ['a version that it does not know', `echo '{"code":1,"msg":"incompatible"}'; exit 1`, 'pluginVersion', { code: 1 }],
  ['garbage', 'echo "<html>"', 'pluginGarbage', { output: '<html>' }],
  ['garbage and an exit code', 'echo "<html>"; exit 3', 'pluginGarbage', {}],
  ['no answer', 'exit 0', 'pluginGarbage', { output: '' }],
  ['an exit code alone', 'echo lost >&2; exit 4', 'pluginSilent', { exit: 'exit status 4', stderr: 'lost' }],
  ['a signal', 'kill -SEGV $$', 'pluginSilent', { exit: 'signal SIGSEGV' }],
  ['no end', 'sleep 600', 'pluginHung', { timeoutMs: 1000 }, 1000],
  ['no end of words', 'yes', 'pluginFlooded', { limitBytes: 100_000 }],
];

for (const [title, script, code, details, timeoutMs] of failures) {
  t.test(`a plugin fails with ${title}`, { skip }, async (t) => {
    const bench = makeBench(t, timeoutMs);
    bench.plugin('one', `[ $CNI_COMMAND = DEL ] || ${good}`);
    bench.plugin('bad', `[ $CNI_COMMAND = DEL ] && exit 0\n${script}`);
    bench.plugin('three', good);
    bench.network('fails', [{ type: 'one' }, { type: 'bad' }, { type: 'three' }]);
    const box = makeNetns(t);
    await t.rejects(bench.attaching.connect('fails', box.name, connectAnyhow), {
      code,
      kind: 'plugin',
      details: { plugin: 'bad', command: 'ADD', ...details },
    });
    const undone = code === 'pluginVersion' ? ['DEL one'] : ['DEL bad', 'DEL one'];
    t.strictSame(bench.calls(), ['ADD one', 'ADD bad', ...undone]);
    t.strictSame(readdirSync(path.join(bench.cacheDir, 'podnetd')), [], 'nothing is left to repair');
    t.strictSame((await bench.runtime.known()).all(), []);
    t.strictSame(bench.events, []);
  });
}

t.test('binaries come from the folders alone, and have to be programs', { skip }, async (t) => {
  const bench = makeBench(t);
  bench.plugin('plain', good);
  bench.plugin('one', `[ $CNI_COMMAND = DEL ] || ${good}`);
  const box = makeNetns(t);
  for (const [type, code] of [
    ['absent', 'pluginNotFound'],
    ['../../../bin/true', 'pluginNameInvalid'],
    ['/bin/true', 'pluginNameInvalid'],
    ['..', 'pluginNameInvalid'],
  ] as const) {
    bench.network('looked-up', [{ type: 'one' }, { type }]);
    await t.rejects(bench.attaching.connect('looked-up', box.name, connectAnyhow), { code }, type);
    t.strictSame(bench.calls().slice(-2), ['ADD one', 'DEL one'], 'the plugins that ran are undone');
  }
});

t.test('a failing DEL keeps the attachment, unless it is forced', { skip }, async (t) => {
  const bench = makeBench(t);
  bench.plugin('one', `[ $CNI_COMMAND = DEL ] || ${good}`);
  bench.plugin('stuck', `[ $CNI_COMMAND = DEL ] && exit 9\n${good}`);
  bench.network('sticky', [{ type: 'one' }, { type: 'stuck' }]);
  const box = makeNetns(t);
  await bench.attaching.connect('sticky', box.name, connectAnyhow);
  await t.rejects(bench.attaching.disconnect('sticky', box.name, false), { code: 'pluginSilent' });
  t.equal((await bench.runtime.known()).all().length, 1);
  t.strictSame(bench.calls().slice(-2), ['DEL stuck', 'DEL one'], 'the other plugins get their DEL all the same');
  await bench.attaching.disconnect('sticky', box.name, true);
  t.strictSame((await bench.runtime.known()).all(), []);
  t.strictSame(readdirSync(path.join(bench.cacheDir, 'podnetd')), []);
});

t.test('one container at a time, and each interface a name of its own', { skip }, async (t) => {
  const bench = makeBench(t);
  bench.plugin('one', `[ $CNI_COMMAND = DEL ] || { sleep 0.3; ${good}; }`);
  bench.network('slow', [{ type: 'one' }]);
  bench.network('other', [{ type: 'one' }]);
  const box = makeNetns(t);
  const connected = await Promise.all(
    ['slow', 'other'].map(async (network) => await bench.attaching.connect(network, box.name, connectAnyhow)),
  );
  t.strictSame(
    connected.map(({ ifName }) => ifName),
    ['eth0', 'eth1'],
  );
});

t.test('a plugin that masquerades finds each address of an interface that is gone', { skip }, async (t) => {
  const bench = makeBench(t);
  const result = JSON.stringify({
    cniVersion: '0.4.0',
    interfaces: [{ name: 'lan0', sandbox: '/x' }],
    ips: ['10.1.0.2/24', 'fd00:1::2/64'].map((address) => ({ version: '4', interface: 0, address })),
  });
  // As the bridge plugin does, it fails when its rules are gone already.
  bench.plugin(
    'masks',
    `[ $CNI_COMMAND = ADD ] && { echo '${result}'; exit 0; }
    [ -n "$CNI_NETNS" ] || exit 0
    nsenter --net="$CNI_NETNS" ip -oneline address show dev lan0 scope global | sed 's/ *scope.*//' >>"${bench.cacheDir}.seen"
    exit 2`,
  );
  bench.plugin('plain', `[ $CNI_COMMAND = DEL ] || echo '${result}'`);
  bench.network('masked', [{ type: 'masks', ipMasq: true }, { type: 'plain' }]);
  const box = makeNetns(t, false);
  await bench.attaching.connect('masked', box.name, { ...connectAnyhow, interfaceName: 'lan0' });
  removeNetns(box);
  await bench.attaching.disconnect('masked', box.name, false);
  t.strictSame(bench.calls(), ['ADD masks', 'ADD plain', 'DEL plain', 'DEL masks', 'DEL masks', 'DEL masks']);
  const seen = readFileSync(`${bench.cacheDir}.seen`, 'utf8').trim().split('\n');
  t.match(seen, [/ lan0 +inet 10\.1\.0\.2\/24/, / lan0 +inet6 fd00:1::2\/64/]);
  t.strictSame((await bench.runtime.known()).all(), []);
});

t.test('work that broke off before any result is undone in its own namespace alone', { skip }, async (t) => {
  const bench = makeBench(t);
  const seen = path.join(makeScratch(t), 'seen');
  bench.plugin('one', `echo "\${CNI_NETNS:-none} $(stat -Lc %i "$CNI_NETNS")" >${seen}`);
  const netns = makeNetns(t);
  const [begun, other] = [await runInside(t, netns), await runInside(t, netns)];
  const marked = HeldNetns.open(begun.netns, begun.netns);
  marked?.close();
  const intents = path.join(bench.cacheDir, 'podnetd');
  mkdirSync(intents, { recursive: true });
  const repair = async (target: string, mark: string | undefined) => {
    const config = JSON.stringify({ cniVersion: '0.4.0', name: 'chain', plugins: [{ type: 'one' }] });
    const entry = cacheEntry('chain', 'c1', { netns: target, mark, config, result: {} });
    writeFileSync(path.join(intents, cacheFileName(entry)), encodeIntent({ operation: 'add', entry }));
    await bench.runtime.repair(() => true, { patient: false });
    t.strictSame(readdirSync(intents), [], 'it is ended');
    return readFileSync(seen, 'utf8').trim();
  };
  t.match(await repair(begun.netns, marked?.mark), new RegExp(`^/proc/\\d+/fd/\\d+ ${statSync(netns.path).ino}$`));
  t.equal(await repair(other.netns, marked?.mark), 'none', 'another process has the id');
  t.equal(await repair(begun.netns, undefined), 'none', 'no mark says that it is the same');
});
