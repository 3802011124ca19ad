import { readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { dialects } from '../contract/refusals.js';
import { startDaemon } from '../support/daemon.js';
import { injectFaults } from '../support/inject-faults.js';
import { runAmongMounts, seenBy, withOwnMounts } from '../support/mount-space.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';
import {
  checkRecovery,
  checkRefusal,
  create,
  links,
  namesOf,
  pidOf,
  pruneUrl,
  remove,
  renames,
  unlinks,
} from './changes.js';

/** A disk that is full or read-only, and failures that come together. */

const skip = missing('strace', 'unshare', 'nsenter', 'mount', 'umount');

t.test('a change that cannot be taken back is reported', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const { folder } = daemon;
  const at = (name: string) => path.join(folder, name);
  await create(daemon, 'compat', 'other');

  const published = await injectFaults(
    pidOf(daemon),
    [{ calls: `fsync,${renames},${unlinks}`, error: 'EIO' }],
    [folder, at('new.conflist')],
    async () => await create(daemon, 'v4', 'new'),
  );
  checkRefusal(
    t,
    'v4',
    published,
    /^fsync .*\/net\.d: EIO: i\/o error; .*\/new\.conflist stays, it could not be removed: EIO/,
    'a file that stays',
  );
  t.strictSame(await namesOf(daemon), ['bridge', 'new', 'other'], 'the file is there, so its network is shown');
  t.equal((await remove(daemon, 'compat', 'new')).status, 204, 'the network can be removed');

  const text = readFileSync(at('other.conflist'), 'utf8');
  const aside = await injectFaults(
    pidOf(daemon),
    [{ calls: `fsync,${links}`, error: 'EIO' }],
    [folder, at('other.conflist')],
    async () => await remove(daemon, 'v3', 'other'),
  );
  checkRefusal(
    t,
    'v3',
    aside,
    /\/other\.conflist is now .*\/other\.conflist\.podnetd-kept-[0-9a-f]{16}, it could not be put back: EIO/,
    'a file that is aside',
  );
  const { message } = JSON.parse(aside.text) as { readonly message: string };
  const [, temporary = ''] = / is now (\S+),/.exec(message) ?? [];
  await checkRecovery(t, daemon, 'the next change');
  t.equal(readFileSync(temporary, 'utf8'), text, 'the kept file is whole, and no change clears it');
  renameSync(temporary, at('other.conflist'));
  t.strictSame(await namesOf(daemon), ['bridge', 'other'], 'a rename brings the network back');
  await checkRecovery(t, daemon, 'after both');
});

t.test('a temporary name that cannot be unlinked is cleared by the next change', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const temporaries = () => readdirSync(daemon.folder).filter((name) => /\.(tmp|old|left)$/.test(name));
  await injectFaults(pidOf(daemon), [{ calls: unlinks, error: 'EIO' }], [], async () => {
    t.equal((await create(daemon, 'compat', 'made')).status, 201, 'a file that is in place and synced is created');
    t.equal(temporaries().length, 1);
    t.equal((await remove(daemon, 'compat', 'made')).status, 204, 'a file that has durably lost its name is removed');
    t.equal(temporaries().length, 2);
  });
  await checkRecovery(t, daemon, 'after');
  t.strictSame(await namesOf(daemon), ['bridge']);
});

t.test('in a batch each change has its own answer', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const { folder } = daemon;
  const names = Array.from({ length: 16 }, (_, index) => `n${index}`);
  const createAll = async () =>
    await Promise.all(names.map(async (name, index) => await create(daemon, dialects[index % 3] ?? 'compat', name)));

  await injectFaults(pidOf(daemon), [{ calls: 'fsync', error: 'ENOSPC' }], [folder], async () => {
    for (const [index, answer] of (await createAll()).entries()) {
      checkRefusal(t, dialects[index % 3] ?? 'compat', answer, /^fsync .*\/net\.d: ENOSPC/, 'one sync for all');
    }
  });
  t.strictSame(snapshotFolder(folder), {});

  await injectFaults(pidOf(daemon), [{ calls: links, error: 'EIO' }], [path.join(folder, 'n3.conflist')], async () => {
    const answers = await createAll();
    t.strictSame(
      answers.flatMap(({ status }, index) => (status < 300 ? [] : [index])),
      [3],
      'one link',
    );
  });
  const present = names.filter((name) => name !== 'n3');
  t.strictSame(await namesOf(daemon), ['bridge', ...present].toSorted());

  for (const [index, dialect] of dialects.entries()) {
    const kept = `n${index}`;
    await injectFaults(
      pidOf(daemon),
      [{ calls: renames, error: 'EIO' }],
      [path.join(folder, `${kept}.conflist`)],
      async () => {
        const { status, text, headers } = await daemon.ask('POST', pruneUrl(dialect));
        t.equal(status, 200, text);
        t.match(
          headers['warning'],
          new RegExp(`unlink .*/${kept}\\.conflist: EIO`),
          'a warning names the network that stays',
        );
        t.notOk(text.includes(`"${kept}"`), text);
      },
    );
    t.strictSame(await namesOf(daemon), ['bridge', kept], `${dialect}: the others are gone`);
    await injectFaults(pidOf(daemon), [{ calls: renames, error: 'EROFS' }], [], async () => {
      checkRefusal(t, dialect, await daemon.ask('POST', pruneUrl(dialect)), /^unlink .*: EROFS/, 'none is gone');
    });
    for (const name of names) if (name !== kept) await create(daemon, 'compat', name);
  }
  await checkRecovery(t, daemon, 'after');
});

t.test('a folder that cannot be made is made by the next request', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const folder = path.join(daemon.folder, 'a', 'b');
  const second = await startDaemon(t, { folder });
  await second.ask('GET', '/networks');
  const vanish = () => renameSync(path.join(daemon.folder, 'a'), path.join(daemon.folder, `was-${Date.now()}`));
  for (const [calls, error, on, message] of [
    ['?mkdir,?mkdirat', 'ENOSPC', [], /^mkdir .*\/net\.d\/a: ENOSPC/],
    // A create needs the durable name of its folder, as of its file.
    ['fsync', 'EIO', [path.join(daemon.folder, 'a')], /^mkdir .*\/a\/b: EIO/],
    ['fsync', 'EIO', [daemon.folder], /^mkdir .*\/a\/b: EIO/],
  ] as const) {
    vanish();
    await injectFaults(pidOf(second), [{ calls, error }], on, async () => {
      for (const dialect of dialects) checkRefusal(t, dialect, await create(second, dialect, 'new'), message, calls);
      t.strictSame(await namesOf(second), ['bridge']);
    });
    t.notOk(readdirSync(daemon.folder).includes('a'), 'a folder that is not durable does not stay');
    await checkRecovery(t, second, calls);
  }
});

t.test('full and read-only file systems', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: withOwnMounts });
  const pid = pidOf(daemon);
  const { folder } = daemon;
  const seen = seenBy(pid, folder);
  runAmongMounts(pid, 'mount', '-t', 'tmpfs', '-o', 'size=64k,nr_inodes=12', 'podnetd-test', folder);
  for (const name of ['kept', 'other']) t.equal((await create(daemon, 'compat', name)).status, 201);
  const filler = path.join(seen, 'filler');

  const refuseAll = async (what: string, creation: RegExp, removal?: RegExp) => {
    const before = snapshotFolder(seen);
    for (const dialect of dialects) {
      checkRefusal(t, dialect, await create(daemon, dialect, 'new'), creation, what);
      if (removal !== undefined) checkRefusal(t, dialect, await remove(daemon, dialect, 'kept'), removal, what);
      t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'other'], what);
    }
    const answers = await Promise.all(
      Array.from({ length: 9 }, async (_, index) => await create(daemon, 'v4', `n${index}`)),
    );
    for (const answer of answers)
      checkRefusal(t, 'v4', answer, new RegExp(creation.source.replace('new', 'n\\d')), what);
    t.strictSame(snapshotFolder(seen), before, `${what}: the folder is unchanged`);
  };

  t.throws(() => writeFileSync(filler, Buffer.alloc(65_536)), { code: 'ENOSPC' });
  await refuseAll('no space', /^write .*\/net\.d\/new\.conflist: ENOSPC/);
  t.equal((await remove(daemon, 'compat', 'other')).status, 204, 'a full disk can be cleared');
  unlinkSync(filler);
  t.equal((await create(daemon, 'compat', 'other')).status, 201);
  await checkRecovery(t, daemon, 'no space', seen);

  const fillers: string[] = [];
  t.throws(
    () => {
      for (let index = 0; index < 20; index += 1) {
        writeFileSync(path.join(seen, `filler-${index}`), '');
        fillers.push(path.join(seen, `filler-${index}`));
      }
    },
    { code: 'ENOSPC' },
  );
  await refuseAll('no inodes', /^write .*\/net\.d\/new\.conflist: ENOSPC/);
  for (const name of fillers) unlinkSync(name);
  await checkRecovery(t, daemon, 'no inodes', seen);

  // No file that podnetd keeps open hinders an administrator.
  await until(() => runAmongMounts(pid, 'mount', '-o', 'remount,ro', folder));
  await refuseAll('read-only', /^lock .*\/cni\.lock: EROFS/, /^lock .*\/cni\.lock: EROFS/);
  runAmongMounts(pid, 'mount', '-o', 'remount,rw', folder);
  await checkRecovery(t, daemon, 'read-only', seen);
  await until(() => runAmongMounts(pid, 'umount', folder));
  t.strictSame(await namesOf(daemon), ['bridge'], 'podnetd shows the folder below the mount again');
  await checkRecovery(t, daemon, 'unmounted', seen);
});

/** @throws the last Error of `act` */
async function until(act: () => void): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      act();
      return;
    } catch (error) {
      if (tries >= 100) throw error;
      await sleep(50);
    }
  }
}
