import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { cacheEntry, writeCacheEntry } from '../support/cache-entry.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { countOpen } from '../support/process-counts.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { pidOf } from './changes.js';
import { checkSane, checkShown } from './networks.js';

/**
 * podnetd sees changes by others also without inotify, when it loses its watches, and when the queue of events runs over. The limits are set in a
 * user namespace of the test, never on the host.
 */

const skip = missing('unshare', 'nsenter', 'sh', 'ip');

type Limit = 'max_inotify_instances' | 'max_inotify_watches';

/** Command lines with a limit on inotify instances or watches. */
function limited(limit: Limit, count: number): Pick<Netns, 'wrap'> {
  const script = `echo ${count} >/proc/sys/user/${limit} && exec "$@"`;
  return { wrap: (file, args) => ['unshare', ['--user', '--map-root-user', 'sh', '-c', script, 'sh', file, ...args]] };
}

function setLimit(daemon: TestDaemon, limit: Limit, count: number): void {
  const script = `echo ${count} >/proc/sys/user/${limit}`;
  const enter = ['--target', String(pidOf(daemon)), '--user', '--preserve-credentials', '--'];
  execFileSync('nsenter', [...enter, 'sh', '-c', script]);
}

function conflist(name: string): string {
  return JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: `br-${name}` }] });
}

async function checkIdle(t: Test, daemon: TestDaemon, names: readonly string[], what: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ dangling: ['true'] }));
  const { text } = await daemon.ask('GET', `/networks?filters=${filters}`);
  const shown = (JSON.parse(text) as readonly { readonly Name: string }[]).map(({ Name }) => Name).toSorted();
  t.strictSame(shown, [...names].toSorted(), what);
}

/** Asserts that the next request sees each change by others to networks and to the result cache. */
async function checkSeesAll(t: Test, daemon: TestDaemon): Promise<void> {
  const { folder, cacheDir } = daemon;
  const at = (name: string) => path.join(folder, `${name}.conflist`);
  const old = new Date('2020-01-01T00:00:00Z');
  const check = async (names: readonly string[], what: string) => await checkShown(t, daemon, names, what);

  await check([], 'at first');
  writeFileSync(at('file'), conflist('a0'));
  await check(['a0'], 'made');
  for (let round = 1; round < rounds(30, 2_000); round += 1) {
    writeFileSync(at('file'), conflist(`a${round % 10}`));
    // A time that an editor or a backup sets.
    if (round % 3 === 0) utimesSync(at('file'), old, old);
    await check([`a${round % 10}`], 'edited in place: the same size, and maybe the same time');
  }
  for (let round = 0; round < rounds(20, 500); round += 1) {
    writeFileSync(path.join(folder, '.new'), conflist(`b${round % 10}`));
    utimesSync(path.join(folder, '.new'), old, old);
    renameSync(path.join(folder, '.new'), at('file'));
    await check([`b${round % 10}`], 'replaced: the same size and time');
  }
  renameSync(at('file'), at('moved'));
  writeFileSync(at('more'), conflist('more'));
  await check(['b9', 'more'], 'renamed, and another made');
  unlinkSync(at('moved'));
  await check(['more'], 'deleted');
  const made = await daemon.ask('POST', '/networks/create', { Name: 'own' });
  t.equal(made.status, 201, made.text);
  await check(['more', 'own'], 'made by the daemon');
  const own = statSync(at('own'));
  writeFileSync(at('own'), conflist('theirs'));
  utimesSync(at('own'), own.atime, own.mtime);
  await check(['more', 'theirs'], 'edited by others at once');
  rmSync(folder, { recursive: true });
  await check([], 'the folder is gone');
  mkdirSync(folder);
  for (const name of ['web', 'web-2']) writeFileSync(at(name), conflist(name));
  await check(['web', 'web-2'], 'the folder is there again');

  const netns = makeNetns(t).path;
  const attach = (network: string, container: string) =>
    writeCacheEntry(cacheDir, cacheEntry(network, container, { netns }));
  await checkIdle(t, daemon, ['web', 'web-2'], 'no container');
  const file = attach('web', 'c0ffee');
  await checkIdle(t, daemon, ['web-2'], 'attached');
  for (let round = 0; round < rounds(20, 500); round += 1) {
    // Entries of the same name and size differ only in their content.
    const isThere = round % 2 === 1;
    const entry = cacheEntry('web', 'c0ffee', { netns: isThere ? netns : netns.replace(/.$/, 'x') });
    renameSync(writeCacheEntry(path.join(cacheDir, 'aside'), entry), file);
    await checkIdle(t, daemon, isThere ? ['web-2'] : ['web', 'web-2'], isThere ? 'attached again' : 'gone');
  }
  unlinkSync(file);
  await checkIdle(t, daemon, ['web', 'web-2'], 'detached');

  const stream = await openEvents(t, daemon.socket, '/events');
  writeFileSync(at('late'), conflist('late'));
  const [first] = await stream.lines(1);
  t.match(first, { Action: 'create', Actor: { Attributes: { name: 'late' } } }, 'an event without a request');
  unlinkSync(at('late'));
  t.match((await stream.lines(2))[1], { Actor: { Attributes: { name: 'late' } } });
  stream.close();
  checkSane(t, daemon);
}

t.test('no inotify instance is left', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: limited('max_inotify_instances', 0) });
  await checkSeesAll(t, daemon);
  t.equal(countOpen(pidOf(daemon)).watches, 0, 'the daemon has no watch');
  setLimit(daemon, 'max_inotify_instances', 8);
  await checkShown(t, daemon, ['web', 'web-2'], 'allowed again');
  t.ok(countOpen(pidOf(daemon)).watches > 0, 'the daemon watches again without a restart');
});

t.test('no inotify watch is left', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: limited('max_inotify_watches', 0) });
  await checkSeesAll(t, daemon);
  t.equal(countOpen(pidOf(daemon)).watches, 0, 'the daemon has no watch');
});

t.test('watches are lost while it runs', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: limited('max_inotify_watches', 100) });
  await checkSeesAll(t, daemon);
  t.ok(countOpen(pidOf(daemon)).watches > 0, 'the daemon has watches');
  setLimit(daemon, 'max_inotify_instances', 0);
  setLimit(daemon, 'max_inotify_watches', 0);
  rmSync(daemon.folder, { recursive: true });
  rmSync(daemon.cacheDir, { recursive: true });
  mkdirSync(daemon.folder);
  await checkSeesAll(t, daemon);
  t.equal(countOpen(pidOf(daemon)).watches, 1, "only the watch of the daemon's socket");
  setLimit(daemon, 'max_inotify_watches', 100);
  await checkIdle(t, daemon, ['web', 'web-2'], 'allowed again');
  t.equal(countOpen(pidOf(daemon)).watches, 3, 'the daemon watches both folders again');
});

/** Renamings, each of two events, together more than the kernel's queue holds by default. */
const renamings = 10_000;

t.test('the queue runs over', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const { folder, cacheDir } = daemon;
  const results = path.join(cacheDir, 'results');
  const at = (name: string) => path.join(folder, `${name}.conflist`);
  mkdirSync(results, { recursive: true });
  const flood = (target: string) => {
    const names = [path.join(target, 'flood-a'), path.join(target, 'flood-b')] as const;
    writeFileSync(names[0], '');
    for (let turn = 0; turn < renamings; turn += 1) {
      const [from, to] = turn % 2 === 0 ? names : names.toReversed();
      renameSync(from ?? '', to ?? '');
    }
    unlinkSync(names[0]);
  };
  for (const name of ['edited', 'deleted', 'renamed', 'web']) writeFileSync(at(name), conflist(name));
  await checkIdle(t, daemon, ['edited', 'deleted', 'renamed', 'web'], 'at first');
  t.equal(countOpen(pidOf(daemon)).watches, 3, 'both folders, and the one of the socket');
  const netns = makeNetns(t).path;
  for (const flooded of [folder, results]) {
    for (let round = 0; round < rounds(2, 50); round += 1) {
      daemon.process.kill('SIGSTOP');
      flood(flooded);
      // The kernel drops the events of these changes.
      writeFileSync(at('edited'), conflist('changed'));
      unlinkSync(at('deleted'));
      renameSync(at('renamed'), at('other'));
      writeFileSync(at('made'), conflist('made'));
      const entry = writeCacheEntry(cacheDir, cacheEntry('web', 'c0ffee', { netns }));
      daemon.process.kill('SIGCONT');
      await checkShown(t, daemon, ['changed', 'made', 'renamed', 'web'], `${path.basename(flooded)} was flooded`);
      await checkIdle(t, daemon, ['changed', 'made', 'renamed'], 'the attachment is seen');
      unlinkSync(entry);
      writeFileSync(at('edited'), conflist('edited'));
      writeFileSync(at('deleted'), conflist('deleted'));
      renameSync(at('other'), at('renamed'));
      unlinkSync(at('made'));
      await checkIdle(t, daemon, ['edited', 'deleted', 'renamed', 'web'], 'as at first');
    }
  }
});
