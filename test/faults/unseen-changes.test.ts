import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { runAmongMounts, withOwnMounts } from '../support/mount-space.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const conflist = (name: string) => JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'ptp' }] });

async function names(daemon: TestDaemon): Promise<readonly string[]> {
  const networks = (await daemon.ask('GET', '/networks')).json() as readonly { readonly Name: string }[];
  return networks.map(({ Name }) => Name).filter((name) => name !== 'bridge');
}

/** Lists until podnetd has noticed the change. @returns the names of the last list */
async function waitForNames(daemon: TestDaemon, wanted: readonly string[]): Promise<readonly string[]> {
  let seen = await names(daemon);
  for (let tries = 0; tries < 200 && seen.join() !== wanted.join(); tries += 1) {
    await sleep(50);
    seen = await names(daemon);
  }
  return seen;
}

t.test('podnetd notices a hard link that was made after the read, and then reads the file each time', async (t) => {
  const daemon = await startDaemon(t);
  const file = path.join(daemon.folder, 'a.conflist');
  writeFileSync(file, conflist('one'));
  t.same(await names(daemon), ['one']);
  const elsewhere = path.join(makeScratch(t), 'other-name');
  linkSync(file, elsewhere);
  writeFileSync(elsewhere, conflist('two'));
  t.same(await waitForNames(daemon, ['two']), ['two']);
  writeFileSync(elsewhere, conflist('six'));
  t.same(await names(daemon), ['six']);
});

t.test('a conflist that is a mount of its own', { skip: missing('unshare', 'nsenter', 'mount') }, async (t) => {
  const scratch = makeScratch(t);
  const folder = path.join(scratch, 'net d');
  const [inside, outside] = [path.join(folder, 'a.conflist'), path.join(scratch, 'mounted')];
  mkdirSync(folder);
  writeFileSync(inside, conflist('under'));
  writeFileSync(outside, conflist('one'));

  await t.test('is read each time when it is there from the start', async (t) => {
    const mounts = ['sh', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"', outside, inside];
    const daemon = await startDaemon(t, { folder, netns: withOwnMounts, prefix: mounts });
    t.same(await names(daemon), ['one']);
    writeFileSync(outside, conflist('two'));
    t.same(await names(daemon), ['two']);
    writeFileSync(outside, conflist('six'));
    t.same(await names(daemon), ['six']);
  });

  await t.test('is noticed when it comes later, and when it goes', async (t) => {
    const daemon = await startDaemon(t, { folder, netns: withOwnMounts });
    t.same(await names(daemon), ['under']);
    const run = (file: string, ...args: readonly string[]) => runAmongMounts(daemon.process.pid ?? 0, file, ...args);
    run('mount', '--bind', outside, inside);
    t.same(await waitForNames(daemon, ['six']), ['six']);
    writeFileSync(outside, conflist('ten'));
    t.same(await names(daemon), ['ten']);
    run('umount', inside);
    t.same(await names(daemon), ['under']);
  });
});
