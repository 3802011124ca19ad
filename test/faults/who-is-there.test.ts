import { spawn } from 'node:child_process';
import { chmodSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { cacheEntry, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { startDaemon } from '../support/daemon.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { checkCreates, checkRefused, checkSane, checkShown, writeNetwork } from './networks.js';

/** Folders and files with the attachments of a network go, come back, are replaced, or may not be read. */

t.test('the folders with the attachments of a network', { skip: missing('ip') }, async (t) => {
  const daemon = await startDaemon(t);
  const { cacheDir, leaseDir } = daemon;
  for (const name of ['web', 'db', 'idle']) await checkCreates(t, daemon, name, 'before');
  const netns = makeNetns(t).path;
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
    t.match(refused.json(), { message: /ENOTDIR/ }, 'podnetd does not remove a network whose use it cannot see');
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
  for (const dir of [leaseDir, path.join(leaseDir, 'web')]) {
    const aside = `${dir}.aside`;
    writeLease(leaseDir, 'web', '10.88.0.2', 'feedfacefeedface');
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
      writeLease(leaseDir, 'web', '10.88.0.2', round % 2 === 0 ? 'feedfacefeedface' : 'deaddeaddeaddead');
      await checkIdle(round % 2 === 0 ? ['db', 'idle'] : ['db', 'idle', 'web'], 'made anew at once');
    }
    rmSync(aside, { recursive: true });
  }
  checkSane(t, daemon);
});

/** Command lines of root without the capabilities to ignore the permissions of files. */
const withoutOverride: Pick<Netns, 'wrap'> = {
  wrap: (file, args) => ['setpriv', ['--bounding-set', '-dac_override,-dac_read_search', '--', file, ...args]],
};

t.test('rights that are taken away and given back', { skip: missing('setpriv', 'ip') }, async (t) => {
  const daemon = await startDaemon(t, { netns: withoutOverride });
  const { folder, cacheDir, leaseDir } = daemon;
  for (const name of ['a', 'web', 'db']) await checkCreates(t, daemon, name, 'before');
  t.teardown(() => chmodSync(folder, 0o755));
  chmodSync(folder, 0o000);
  await checkRefused(t, daemon, /net\.d.*: EACCES/, 'the folder is closed');
  writeNetwork(folder, 'b');
  await checkRefused(t, daemon, /net\.d.*: EACCES/, 'changed');
  chmodSync(folder, 0o755);
  await checkShown(t, daemon, ['a', 'b', 'web', 'db'], 'given back');
  await checkCreates(t, daemon, 'made', 'given back');

  const file = path.join(folder, 'b.conflist');
  chmodSync(file, 0o000);
  await checkShown(t, daemon, ['a', 'made', 'web', 'db'], 'a closed file hides no other');
  t.match((await daemon.ask('GET', '/podnetd/v1/problems')).json(), [{ path: file, reason: /^EACCES/ }]);
  chmodSync(file, 0o644);
  await checkShown(t, daemon, ['a', 'b', 'made', 'web', 'db'], 'given back');

  const netns = makeNetns(t).path;
  const entry = writeCacheEntry(cacheDir, cacheEntry('web', 'c0ffee', { netns }));
  const lease = writeLease(leaseDir, 'db', '10.88.0.2', 'beef');
  const results = path.dirname(entry);
  const refuse = async (name: string, status: number, message: RegExp, what: string) => {
    for (const url of [`/networks/${name}`, `/v4.3.1/libpod/networks/${name}`]) {
      const answer = await daemon.ask('DELETE', url);
      t.equal(answer.status, url.startsWith('/v4') && status === 403 ? 409 : status, `${what}: ${answer.text}`);
      t.match(answer.json(), { message }, what);
    }
    t.ok(statSync(path.join(folder, `${name}.conflist`)).isFile(), `${what}: the network stays`);
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
  t.equal(
    (await daemon.ask('DELETE', '/networks/db')).status,
    204,
    'the network of a lease without a holder is removed',
  );
  unlinkSync(entry);
  t.equal((await daemon.ask('DELETE', '/networks/web')).status, 204);
  checkSane(t, daemon);
});
