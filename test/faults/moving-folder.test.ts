import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { cacheEntry, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { runAmongMounts, seenBy, withOwnMounts } from '../support/mount-space.js';
import type { Netns } from '../support/netns.js';
import { countOpen, settleOpen } from '../support/process-counts.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';

/** Folders that go, come back, and are others than before: what is told is what is there now, and nothing has to be started again. */

const pidOf = (daemon: TestDaemon) => daemon.process.pid ?? 0;

function writeNetwork(folder: string, name: string): void {
  const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: `br-${name}` }] });
  writeFileSync(path.join(folder, `${name}.conflist`), text);
}

async function checkShown(t: Test, daemon: TestDaemon, names: readonly string[], what: string): Promise<void> {
  const { status, text } = await daemon.ask('GET', '/networks');
  t.equal(status, 200, text);
  const shown = (JSON.parse(text) as readonly { readonly Name: string }[]).map(({ Name }) => Name).toSorted();
  t.strictSame(shown, ['bridge', ...names].toSorted(), what);
}

/** Reads and changes say the same clear thing. */
async function checkRefused(t: Test, daemon: TestDaemon, message: RegExp, what: string): Promise<void> {
  for (const [method, url, body, status] of [
    ['GET', '/networks', undefined, 507],
    ['GET', '/v4.3.1/libpod/networks/a/json', undefined, 507],
    ['GET', '/v3.2.0/libpod/networks/json', undefined, 500],
    ['POST', '/networks/create', { Name: 'new' }, 507],
  ] as const) {
    const answer = await daemon.ask(method, url, body);
    t.equal(answer.status, status, `${what}: ${method} ${url}: ${answer.text}`);
    t.match(answer.json(), { message, response: status }, what);
  }
}

async function checkCreates(t: Test, daemon: TestDaemon, name: string, what: string): Promise<void> {
  const { status, text } = await daemon.ask('POST', '/networks/create', { Name: name });
  t.equal(status, 201, `${what}: ${text}`);
}

function checkSane(t: Test, daemon: TestDaemon): void {
  t.notOk(
    daemon.log().some((line) => line['outcome'] === 'internal' || Number(line['level']) >= 60),
    'nothing was a bug',
  );
}

t.test('the folder of networks', async (t) => {
  const daemon = await startDaemon(t);
  const { folder } = daemon;
  const aside = `${folder}.aside`;
  const fresh = (target: string, ...names: readonly string[]) => {
    mkdirSync(target);
    for (const name of names) writeNetwork(target, name);
  };
  const clear = () => {
    for (const target of [folder, aside]) rmSync(target, { recursive: true, force: true });
  };
  const check = async (names: readonly string[], what: string) => await checkShown(t, daemon, names, what);

  writeNetwork(folder, 'a');
  await check(['a'], 'at first');
  clear();
  await check([], 'removed');
  await checkCreates(t, daemon, 'made', 'removed');
  await check(['made'], 'made by a create');
  clear();
  await checkCreates(t, daemon, 'again', 'removed, and nobody has looked since');
  await check(['again'], 'made by a create');

  let reused = 0;
  for (let round = 0; round < rounds(20, 400); round += 1) {
    const before = statSync(folder).ino;
    clear();
    fresh(folder, `round${round}`);
    if (statSync(folder).ino === before) reused += 1;
    await check([`round${round}`], 'made anew at once');
    writeNetwork(folder, 'late');
    await check([`round${round}`, 'late'], 'and changed');
  }
  t.comment(`${reused} new folders had the inode number of the old one`);

  clear();
  fresh(folder, 'a');
  await check(['a'], 'before it moves');
  renameSync(folder, aside);
  await check([], 'moved away');
  writeNetwork(aside, 'b');
  renameSync(aside, folder);
  await check(['a', 'b'], 'moved back');
  renameSync(folder, aside);
  writeNetwork(aside, 'c');
  renameSync(aside, folder);
  await check(['a', 'b', 'c'], 'away and back, and nobody has looked');
  writeNetwork(folder, 'd');
  await check(['a', 'b', 'c', 'd'], 'and changed');

  renameSync(folder, aside);
  fresh(folder, 'other');
  await check(['other'], 'replaced by another');
  writeNetwork(aside, 'unseen');
  await check(['other'], 'the old one is nobody’s business');
  rmSync(folder, { recursive: true });
  symlinkSync(aside, folder);
  await check(['a', 'b', 'c', 'd', 'unseen'], 'replaced by a link');
  writeNetwork(aside, 'seen');
  await check(['a', 'b', 'c', 'd', 'seen', 'unseen'], 'a change behind the link');
  await checkCreates(t, daemon, 'behind', 'behind the link');
  t.ok(statSync(path.join(aside, 'behind.conflist')).isFile());
  const third = `${folder}.third`;
  fresh(third, 'third');
  t.teardown(() => rmSync(third, { recursive: true, force: true }));
  unlinkSync(folder);
  symlinkSync(third, folder);
  await check(['third'], 'the link leads elsewhere');
  unlinkSync(folder);
  symlinkSync(`${folder}.nowhere`, folder);
  await check([], 'the link leads nowhere');
  const refused = await daemon.ask('POST', '/networks/create', { Name: 'new' });
  t.equal(refused.status, 507, refused.text);
  t.match(refused.json(), { message: /^(mkdir|lock) .*net\.d/ });
  unlinkSync(folder);
  symlinkSync(folder, folder);
  await checkRefused(t, daemon, /net\.d.*: ELOOP/, 'a link to itself');
  unlinkSync(folder);
  writeFileSync(folder, 'a file');
  await checkRefused(t, daemon, /net\.d.*: (ENOTDIR|EEXIST)/, 'a file');
  unlinkSync(folder);
  fresh(folder, 'end');
  await check(['end'], 'a folder again');
  await checkCreates(t, daemon, 'last', 'a folder again');
  await check(['end', 'last'], 'a folder again');
  checkSane(t, daemon);
});

t.test('a thousand changes leave nothing open', async (t) => {
  const daemon = await startDaemon(t);
  const { folder } = daemon;
  const kinds: readonly ((name: string) => void)[] = [
    (name) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      writeNetwork(folder, name);
    },
    (name) => {
      renameSync(folder, `${folder}.old`);
      mkdirSync(folder);
      writeNetwork(folder, name);
      rmSync(`${folder}.old`, { recursive: true });
    },
    (name) => {
      renameSync(folder, `${folder}.old`);
      renameSync(`${folder}.old`, folder);
      for (const found of readdirSync(folder)) rmSync(path.join(folder, found));
      writeNetwork(folder, name);
    },
    (name) => {
      rmSync(path.join(folder, 'cni.lock'), { force: true });
      for (const found of readdirSync(folder)) rmSync(path.join(folder, found));
      writeNetwork(folder, name);
    },
  ];
  const play = async (from: number, to: number) => {
    for (let round = from; round < to; round += 1) {
      kinds[round % kinds.length]?.(`n${round}`);
      // Whoever writes opens the lock file, and whoever reads watches.
      if (round % 3 !== 0) await checkCreates(t, daemon, `made${round}`, `round ${round}`);
      await checkShown(t, daemon, round % 3 === 0 ? [`n${round}`] : [`n${round}`, `made${round}`], `round ${round}`);
    }
  };
  await play(0, 12);
  const before = countOpen(pidOf(daemon));
  t.ok(before.watches >= 1, 'it watches');
  await play(12, rounds(112, 1_012));
  const after = await settleOpen(pidOf(daemon), before);
  t.ok(after.descriptors <= before.descriptors + 1, `${after.descriptors} descriptors after ${before.descriptors}`);
  t.ok(after.watches <= before.watches, `${after.watches} watches after ${before.watches}`);
  checkSane(t, daemon);
});

t.test('the lock file', async (t) => {
  const daemon = await startDaemon(t);
  const lock = path.join(daemon.folder, 'cni.lock');
  await checkCreates(t, daemon, 'first', 'before');
  const remove = () => rmSync(lock, { recursive: true, force: true });
  remove();
  await checkCreates(t, daemon, 'removed', 'removed');
  t.ok(statSync(lock).isFile());
  renameSync(lock, `${lock}.old`);
  writeFileSync(lock, '');
  await checkCreates(t, daemon, 'replaced', 'replaced');
  remove();
  mkdirSync(lock);
  const refused = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name: 'never' });
  t.equal(refused.status, 507, refused.text);
  t.match(refused.json(), { message: /^lock .*\/cni\.lock: EISDIR/ });
  await checkShown(t, daemon, ['first', 'removed', 'replaced'], 'reads take no lock');
  remove();
  symlinkSync(`${lock}.old`, lock);
  await checkCreates(t, daemon, 'linked', 'behind a link');
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      if (index % 4 === 0) remove();
      await checkCreates(t, daemon, `contested${index}`, 'removed while others create');
    }),
  );
  const subnets = readdirSync(daemon.folder).filter((name) => name.startsWith('contested'));
  t.equal(subnets.length, 40);
  checkSane(t, daemon);
});

t.test('mounts', { skip: missing('unshare', 'nsenter', 'mount', 'umount') }, async (t) => {
  const daemon = await startDaemon(t, { netns: withOwnMounts });
  const pid = pidOf(daemon);
  const { folder } = daemon;
  const seen = seenBy(pid, folder);
  const mount = (...names: readonly string[]) => {
    runAmongMounts(pid, 'mount', '-t', 'tmpfs', 'podnetd-test', folder);
    for (const name of names) writeNetwork(seen, name);
  };
  const unmount = async () => {
    // The lock file is closed a while after its last use.
    for (let tries = 1; ; tries += 1) {
      try {
        return runAmongMounts(pid, 'umount', folder);
      } catch (error) {
        if (tries >= 100) throw error;
        await sleep(50);
      }
    }
  };
  writeNetwork(folder, 'below');
  await checkShown(t, daemon, ['below'], 'at first');
  mount('above');
  await checkShown(t, daemon, ['above'], 'mounted over');
  writeNetwork(folder, 'hidden');
  writeNetwork(seen, 'more');
  await checkShown(t, daemon, ['above', 'more'], 'changed above and below');
  await checkCreates(t, daemon, 'made', 'mounted over');
  await unmount();
  await checkShown(t, daemon, ['below', 'hidden'], 'unmounted');
  await checkCreates(t, daemon, 'after', 'unmounted');
  for (let round = 0; round < rounds(20, 200); round += 1) {
    mount(`round${round}`);
    await checkShown(t, daemon, [`round${round}`], 'mounted anew');
    runAmongMounts(pid, 'umount', folder);
  }
  await checkShown(t, daemon, ['after', 'below', 'hidden'], 'at the end');
  checkSane(t, daemon);
});

t.test('the folders that tell who is on a network', async (t) => {
  const daemon = await startDaemon(t);
  const { cacheDir } = daemon;
  for (const name of ['web', 'db', 'idle']) await checkCreates(t, daemon, name, 'before');
  const netns = `/proc/${process.pid}/ns/net`;
  const attach = (container = 'c0ffee', network = 'web') =>
    writeCacheEntry(cacheDir, cacheEntry(network, container, { netns }));
  const checkIdle = async (names: readonly string[], what: string) => {
    const filters = encodeURIComponent(JSON.stringify({ dangling: ['true'] }));
    const { status, text } = await daemon.ask('GET', `/networks?filters=${filters}`);
    t.equal(status, 200, text);
    const shown = (JSON.parse(text) as readonly { readonly Name: string }[]).map(({ Name }) => Name).toSorted();
    t.strictSame(shown, names, what);
  };
  for (const dir of [cacheDir, path.join(cacheDir, 'results')]) {
    const aside = `${dir}.aside`;
    attach();
    await checkIdle(['db', 'idle'], 'at first');
    renameSync(dir, aside);
    await checkIdle(['db', 'idle', 'web'], 'moved away');
    renameSync(aside, dir);
    await checkIdle(['db', 'idle'], 'moved back');
    renameSync(dir, aside);
    attach('beef', 'db');
    await checkIdle(['idle', 'web'], 'replaced by another');
    rmSync(dir, { recursive: true });
    symlinkSync(aside, dir);
    await checkIdle(['db', 'idle'], 'replaced by a link');
    attach('beef', 'db');
    await checkIdle(['idle'], 'changed behind the link');
    unlinkSync(dir);
    writeFileSync(dir, 'a file');
    const refused = await daemon.ask('DELETE', '/networks/web');
    t.equal(refused.status, 507, refused.text);
    t.match(refused.json(), { message: /ENOTDIR/ }, 'who cannot tell whether it is used does not remove it');
    unlinkSync(dir);
    await checkIdle(['db', 'idle', 'web'], 'removed');
    for (let round = 0; round < rounds(20, 200); round += 1) {
      rmSync(dir, { recursive: true, force: true });
      attach(`c${round}`, round % 2 === 0 ? 'web' : 'db');
      await checkIdle([round % 2 === 0 ? 'db' : 'web', 'idle'].toSorted(), 'made anew at once');
    }
    rmSync(dir, { recursive: true });
    rmSync(aside, { recursive: true });
  }

  const holder = spawn('sleep', ['1000'], { argv0: 'feedfacefeedface', stdio: 'ignore' });
  const ended = new Promise((resolve) => holder.once('exit', resolve));
  t.teardown(async () => {
    holder.kill();
    await ended;
  });
  for (const dir of [path.join(cacheDir, 'networks'), path.join(cacheDir, 'networks/web')]) {
    const aside = `${dir}.aside`;
    writeLease(cacheDir, 'web', '10.88.0.2', 'feedfacefeedface');
    await checkIdle(['db', 'idle'], 'leased');
    renameSync(dir, aside);
    await checkIdle(['db', 'idle', 'web'], 'moved away');
    renameSync(aside, dir);
    await checkIdle(['db', 'idle'], 'moved back');
    renameSync(dir, aside);
    symlinkSync(aside, dir);
    await checkIdle(['db', 'idle'], 'behind a link');
    unlinkSync(dir);
    writeFileSync(dir, 'a file');
    const refused = await daemon.ask('DELETE', '/networks/web');
    t.equal(refused.status, 507, refused.text);
    unlinkSync(dir);
    for (let round = 0; round < rounds(20, 200); round += 1) {
      rmSync(dir, { recursive: true, force: true });
      writeLease(cacheDir, 'web', '10.88.0.2', round % 2 === 0 ? 'feedfacefeedface' : 'deaddeaddeaddead');
      await checkIdle(round % 2 === 0 ? ['db', 'idle'] : ['db', 'idle', 'web'], 'made anew at once');
    }
    rmSync(aside, { recursive: true });
  }
  checkSane(t, daemon);
});

/** Root obeys the rights of files too, once it has lost the rights to pass them over. */
const withoutOverride: Pick<Netns, 'wrap'> = {
  wrap: (file, args) => ['setpriv', ['--bounding-set', '-dac_override,-dac_read_search', '--', file, ...args]],
};

t.test('rights that are taken away and given back', { skip: missing('setpriv') }, async (t) => {
  const daemon = await startDaemon(t, { netns: withoutOverride });
  const { folder, cacheDir } = daemon;
  for (const name of ['a', 'web', 'db']) await checkCreates(t, daemon, name, 'before');
  t.teardown(() => chmodSync(folder, 0o755));
  chmodSync(folder, 0o000);
  await checkRefused(t, daemon, /net\.d.*: EACCES/, 'the folder is closed');
  writeNetwork(folder, 'b');
  await checkRefused(t, daemon, /net\.d.*: EACCES/, 'and changed');
  chmodSync(folder, 0o755);
  await checkShown(t, daemon, ['a', 'b', 'web', 'db'], 'given back');
  await checkCreates(t, daemon, 'made', 'given back');

  const file = path.join(folder, 'b.conflist');
  chmodSync(file, 0o000);
  await checkShown(t, daemon, ['a', 'made', 'web', 'db'], 'a closed file hides no other');
  t.match((await daemon.ask('GET', '/podnetd/v1/problems')).json(), [{ path: file, reason: /^EACCES/ }]);
  chmodSync(file, 0o644);
  await checkShown(t, daemon, ['a', 'b', 'made', 'web', 'db'], 'given back');

  const netns = `/proc/${process.pid}/ns/net`;
  const entry = writeCacheEntry(cacheDir, cacheEntry('web', 'c0ffee', { netns }));
  const lease = writeLease(cacheDir, 'db', '10.88.0.2', 'beef');
  const results = path.dirname(entry);
  const refuse = async (name: string, status: number, message: RegExp, what: string) => {
    for (const url of [`/networks/${name}`, `/v4.3.1/libpod/networks/${name}`]) {
      const answer = await daemon.ask('DELETE', url);
      t.equal(answer.status, url.startsWith('/v4') && status === 403 ? 409 : status, `${what}: ${answer.text}`);
      t.match(answer.json(), { message }, what);
    }
    t.ok(statSync(path.join(folder, `${name}.conflist`)).isFile(), `${what}: it stays`);
  };
  for (const [target, mode] of [
    [results, 0o700],
    [cacheDir, 0o755],
  ] as const) {
    chmodSync(target, 0o000);
    t.teardown(() => chmodSync(target, mode));
    await refuse('web', 507, /EACCES/, `${target} is closed`);
    chmodSync(target, mode);
  }
  chmodSync(entry, 0o000);
  await refuse('web', 403, /"web" has associated containers.*c0ffee/, 'an entry is closed');
  chmodSync(entry, 0o600);
  await refuse('web', 403, /"web" has associated containers.*c0ffee/, 'given back');
  chmodSync(lease, 0o000);
  await refuse('db', 507, /10\.88\.0\.2: EACCES/, 'a lease is closed');
  chmodSync(lease, 0o644);
  chmodSync(path.dirname(lease), 0o000);
  await refuse('db', 507, /EACCES/, 'leases are closed');
  chmodSync(path.dirname(lease), 0o755);
  t.equal((await daemon.ask('DELETE', '/networks/db')).status, 204, 'a lease that nobody holds any more');
  unlinkSync(entry);
  t.equal((await daemon.ask('DELETE', '/networks/web')).status, 204);
  checkSane(t, daemon);
});
