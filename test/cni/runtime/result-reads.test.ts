import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { decodeCacheEntry, encodeCacheEntry } from '../../../src/cni/attachments/cache-entry.js';
import { Files } from '../../../src/host/files/files.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { makeAttaching } from '../../support/attaching.js';
import { cacheEntry, writeCacheEntry } from '../../support/cache-entry.js';
import { connectAnyhow } from '../../support/connect-options.js';
import { makeNetns } from '../../support/netns.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const skip = missing('ip');

/** Counts the reads and lists of result caches, and fails as a disk does. */
class TestFiles extends Files {
  /** Names of files that were read; `*` for a list of the folder. */
  readonly seen: string[] = [];
  /** Name of a file that the disk keeps back. */
  withheld: string | undefined;
  /** The next removal fails. */
  keepsNext = false;

  override read(target: string, limitBytes: number): ReturnType<Files['read']> {
    this.#note(target);
    if (path.basename(target) === this.withheld) return { problem: 'EIO', stamp: this.stamp(target), isWithheld: true };
    return super.read(target, limitBytes);
  }

  override list(folder: string): readonly string[] {
    this.#note(path.join(folder, '*'));
    return super.list(folder);
  }

  override async remove(target: string): Promise<void> {
    const fails = this.keepsNext;
    this.keepsNext = false;
    if (fails) throw new NetworkError('storageFailed', { path: target, operation: 'unlink', reason: 'EIO' });
    await super.remove(target);
  }

  #note(target: string): void {
    if (path.basename(path.dirname(target)) === 'results') this.seen.push(path.basename(target));
  }
}

/** A network `lan`, whose plugin records its calls, and a container. */
function start(t: Test) {
  const scratch = makeScratch(t);
  const bin = path.join(scratch, 'bin');
  const log = path.join(scratch, 'calls');
  mkdirSync(bin);
  writeFileSync(log, '');
  const result = '{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"/x"}],"ips":[]}';
  for (const name of ['one', 'two']) {
    const script = `#!/bin/sh\necho "$CNI_COMMAND ${name}" >>${log}\n[ $CNI_COMMAND = DEL ] || printf '%s' '${result}'\n`;
    writeFileSync(path.join(bin, name), script);
    chmodSync(path.join(bin, name), 0o755);
  }
  const files = new TestFiles();
  const bench = makeAttaching(t, { pluginDirs: [bin], files });
  const conflist = {
    cniVersion: '0.4.0',
    name: 'lan',
    plugins: [{ type: 'one', capabilities: { portMappings: true } }],
  };
  writeFileSync(path.join(bench.folder, 'lan.conflist'), JSON.stringify(conflist));
  const box = makeNetns(t);
  return {
    ...bench,
    files,
    box,
    calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    connect: async () => await bench.attaching.connect('lan', box.name, connectAnyhow),
    disconnect: async () => await bench.attaching.disconnect('lan', box.name, false),
    fileOf: (containerId: string) => path.join(bench.cacheDir, 'results', `lan-${containerId}-eth0`),
    ids: async () => (await bench.runtime.known()).all().map(({ containerId }) => containerId),
  };
}

t.test('a connect and a disconnect read no file of another attachment', { skip }, async (t) => {
  const { attaching, files, cacheDir, box, connect, disconnect, ids } = start(t);
  const netns = makeNetns(t).path;
  for (let number = 0; number < 200; number += 1) {
    writeCacheEntry(cacheDir, cacheEntry(`net${number % 10}`, `c${number}`, { netns }));
  }
  await attaching.connect('lan', makeNetns(t).name, connectAnyhow);
  t.equal((await ids()).length, 201);
  files.seen.length = 0;
  const ports = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIp: undefined }] as const;
  const { containerId } = await attaching.connect('lan', box.name, { ...connectAnyhow, portMappings: ports });
  await disconnect();
  await connect();
  const others = files.seen.filter((seen) => seen !== `lan-${containerId}-eth0`);
  t.strictSame(others, []);
});

t.test('an attachment that podnetd made or removed shows without a look', { skip }, async (t) => {
  const { runtime, connect, disconnect } = start(t);
  const known = await runtime.known();
  const { containerId } = await connect();
  t.match([known.all(), known.ofContainer(containerId)], [[{ containerId }], [{ containerId }]]);
  await disconnect();
  t.strictSame([known.all(), known.ofContainer(containerId)], [[], []]);
});

t.test('changes that other programs make to the file of an attachment just made', { skip }, async (t) => {
  const { runtime, cacheDir, connect, ids, fileOf } = start(t);
  const { containerId } = await connect();
  const file = fileOf(containerId);
  const made = statSync(file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('eth0', 'eth9'));
  utimesSync(file, made.atime, made.mtime);
  t.strictSame(await ids(), [], 'a change of the same size and time');
  writeFileSync(file, text);
  t.strictSame(await ids(), [containerId]);
  unlinkSync(file);
  t.strictSame(await ids(), [], 'removed');
  await connect();
  rmSync(path.join(cacheDir, 'results'), { recursive: true });
  t.strictSame(await ids(), [], 'removed with its folder before any look');
  await connect();
  t.match((await runtime.known()).ofContainer(containerId), [{ containerId }]);
});

t.test('a DEL runs with the file as it is', { skip }, async (t) => {
  const { calls, connect, disconnect, fileOf, ids, attaching, cacheDir, box } = start(t);
  const { containerId } = await connect();
  t.strictSame(await ids(), [containerId]);
  const file = fileOf(containerId);
  const entry = decodeCacheEntry(readFileSync(file, 'utf8'), path.basename(file));
  writeFileSync(file, encodeCacheEntry({ ...entry, config: entry.config.replace('"one"', '"two"') }));
  await disconnect();
  t.strictSame(calls(), ['ADD one', 'DEL two']);

  const config = JSON.stringify({ cniVersion: '0.4.0', name: 'theirs', plugins: [{ type: 'two' }] });
  writeCacheEntry(cacheDir, cacheEntry('theirs', 'c1', { netns: box.path, config }));
  await attaching.disconnect('theirs', 'c1', false);
  t.strictSame(calls().slice(2), ['DEL two'], 'of another program, at its first use');
  t.strictSame(await ids(), []);
});

t.test('no DEL runs while another program writes the file', { skip }, async (t) => {
  const { calls, connect, disconnect, fileOf, ids } = start(t);
  const { containerId } = await connect();
  const file = fileOf(containerId);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, 60));
  await t.rejects(disconnect(), { code: 'containerBusy' });
  t.strictSame(await ids(), [containerId], 'the former content counts');
  writeFileSync(file, text);
  await disconnect();
  t.strictSame(calls(), ['ADD one', 'DEL one']);
});

t.test('a file that the disk keeps back is no missing attachment', { skip }, async (t) => {
  const { files, connect, disconnect, fileOf, ids } = start(t);
  const { containerId } = await connect();
  files.withheld = path.basename(fileOf(containerId));
  const kept = { code: 'storageFailed', message: new RegExp(`${files.withheld}: EIO`) };
  await t.rejects(ids(), kept);
  await t.rejects(connect(), kept);
  await t.rejects(disconnect(), kept);
  files.withheld = undefined;
  t.strictSame(await ids(), [containerId]);
  await disconnect();
  t.strictSame(await ids(), []);
});

t.test('a disconnect whose file the disk does not remove can be repeated', { skip }, async (t) => {
  const { files, calls, connect, disconnect, ids } = start(t);
  await connect();
  files.keepsNext = true;
  await t.rejects(disconnect(), { code: 'storageFailed' });
  t.equal((await ids()).length, 1);
  await disconnect();
  t.strictSame([await ids(), calls()], [[], ['ADD one', 'DEL one', 'DEL one']]);
});
