import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { runAmongMounts, seenBy, withOwnMounts } from '../support/mount-space.js';
import { countOpen, settleOpen } from '../support/process-counts.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { pidOf } from './changes.js';
import { checkCreates, checkRefused, checkSane, checkShown, writeNetwork } from './networks.js';

/** Folders that go, come back, or are replaced: podnetd shows the networks that are there now, without a restart. */

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
  await checkCreates(t, daemon, 'again', 'removed, without a read since');
  await check(['again'], 'made by a create');

  let reused = 0;
  for (let round = 0; round < rounds(20, 400); round += 1) {
    const before = statSync(folder).ino;
    clear();
    fresh(folder, `round${round}`);
    if (statSync(folder).ino === before) reused += 1;
    await check([`round${round}`], 'made anew at once');
    writeNetwork(folder, 'late');
    await check([`round${round}`, 'late'], 'changed');
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
  await check(['a', 'b', 'c'], 'away and back, without a read between');
  writeNetwork(folder, 'd');
  await check(['a', 'b', 'c', 'd'], 'changed');

  renameSync(folder, aside);
  fresh(folder, 'other');
  await check(['other'], 'replaced by another');
  writeNetwork(aside, 'unseen');
  await check(['other'], 'a change in the old folder');
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
      // A write opens the lock file, and a read watches the folder.
      if (round % 3 !== 0) await checkCreates(t, daemon, `made${round}`, `round ${round}`);
      await checkShown(t, daemon, round % 3 === 0 ? [`n${round}`] : [`n${round}`, `made${round}`], `round ${round}`);
    }
  };
  await play(0, 12);
  const before = countOpen(pidOf(daemon));
  t.ok(before.watches >= 1, 'the daemon watches');
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
  for (const [what, put] of [
    ['a folder', () => mkdirSync(lock)],
    ['a symbolic link', () => symlinkSync(`${lock}.old`, lock)],
  ] as const) {
    remove();
    put();
    const refused = await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name: 'never' });
    t.equal(refused.status, 507, refused.text);
    t.ok((refused.json() as { message: string }).message.startsWith(`lock ${lock}: ${what} of uid `), refused.text);
    await checkShown(t, daemon, ['first', 'removed', 'replaced'], 'reads take no lock');
  }
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
