import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../../src/host/files/files.js';
import type { ChangeOutcome } from '../../../src/host/files/folder-change.js';
import type { NameChange } from '../../../src/host/files/name-change.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const files = new Files();

interface NewFile {
  readonly fileName: string;
  readonly text: string;
}

const waiting = { isWaiting: () => true, accept: () => true };

/** Makes the changes in one group. @returns one outcome per change */
async function change(folder: string, changes: readonly NameChange[]): Promise<readonly ChangeOutcome[]> {
  const [outcome = []] = await files.change(folder, [{ ...waiting, changes }]);
  return outcome;
}

async function publish(folder: string, added: readonly NewFile[]): Promise<readonly ChangeOutcome[]> {
  return await change(
    folder,
    added.map(({ fileName, text }) => ({ fileName, before: undefined, after: text })),
  );
}

t.test('publishes whole files with mode 0644 and no temporary name left', async (t) => {
  const folder = makeScratch(t);
  const outcomes = await publish(folder, [
    { fileName: 'a.conflist', text: 'A' },
    { fileName: 'b.conflist', text: 'ü'.repeat(100_000) },
  ]);
  t.same(readdirSync(folder).toSorted(), ['a.conflist', 'b.conflist']);
  t.equal(readFileSync(path.join(folder, 'b.conflist'), 'utf8'), 'ü'.repeat(100_000));
  t.equal(statSync(path.join(folder, 'a.conflist')).mode & 0o777, 0o644 & ~process.umask());
  for (const [index, name] of ['a.conflist', 'b.conflist'].entries()) {
    t.same(outcomes[index], files.stamp(path.join(folder, name)), 'the outcome is the stamp of the file in place');
  }
});

t.test('never overwrites, not even a dangling link, and the rest of the batch is published', async (t) => {
  const folder = makeScratch(t);
  writeFileSync(path.join(folder, 'a.conflist'), 'theirs');
  symlinkSync('nowhere', path.join(folder, 'b.conflist'));
  const outcomes = await publish(folder, [
    { fileName: 'a.conflist', text: 'ours' },
    { fileName: 'b.conflist', text: 'ours' },
    { fileName: 'c.conflist', text: 'ours' },
  ]);
  t.match(outcomes[0], { kind: 'exists', message: /a\.conflist already exists/ });
  t.match(outcomes[1], { kind: 'exists' });
  t.notOk(outcomes[2] instanceof NetworkError);
  t.equal(readFileSync(path.join(folder, 'a.conflist'), 'utf8'), 'theirs');
  t.same(readdirSync(folder).toSorted(), ['a.conflist', 'b.conflist', 'c.conflist']);
});

t.test('a change in a missing folder is an error of kind storage', async (t) => {
  const folder = path.join(makeScratch(t), 'gone');
  await t.resolveMatch(publish(folder, [{ fileName: 'a.conflist', text: 'A' }]), [
    { kind: 'storage', message: /ENOENT/ },
  ]);
});

t.test('removes and replaces names in one go', async (t) => {
  const folder = makeScratch(t);
  for (const name of ['a.conflist', 'b.conflist']) writeFileSync(path.join(folder, name), 'old');
  const outcomes = await change(folder, [
    ...['a.conflist', 'b.conflist', 'gone.conflist'].map((fileName) => ({ fileName, before: 'old', after: undefined })),
    { fileName: 'a.conflist', before: undefined, after: 'new' },
  ]);
  t.same(outcomes.slice(0, 3), [undefined, undefined, undefined], 'the removal of a missing name succeeds');
  t.same(outcomes[3], files.stamp(path.join(folder, 'a.conflist')));
  t.same(readdirSync(folder), ['a.conflist']);
  t.equal(readFileSync(path.join(folder, 'a.conflist'), 'utf8'), 'new');
});

t.test('a removal that the disk refuses leaves the file', { skip: missing('mount', 'umount') }, async (t) => {
  const folder = mountTmpfs(t, 'size=64k');
  writeFileSync(path.join(folder, 'a.conflist'), 'kept');
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  t.match(await change(folder, [{ fileName: 'a.conflist', before: 'kept', after: undefined }]), [
    { kind: 'storage', message: /unlink .*a\.conflist: EROFS/ },
  ]);
  t.equal(readFileSync(path.join(folder, 'a.conflist'), 'utf8'), 'kept');
});

t.test('full disk and read-only file system', { skip: missing('mount', 'umount') }, async (t) => {
  const folder = mountTmpfs(t, 'size=64k');
  writeFileSync(path.join(folder, 'kept.conflist'), 'kept');
  const [small, large] = await publish(folder, [
    { fileName: 'small.conflist', text: 'fits' },
    { fileName: 'large.conflist', text: 'x'.repeat(200_000) },
  ]);
  t.match(large, { kind: 'storage', message: /large\.conflist: ENOSPC: no space left on device$/ });
  t.same(
    readdirSync(folder).toSorted(),
    small instanceof NetworkError ? ['kept.conflist'] : ['kept.conflist', 'small.conflist'],
    'no half-written file stays',
  );
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  const [refused] = await publish(folder, [{ fileName: 'late.conflist', text: 'x' }]);
  t.match(refused, { kind: 'storage', message: /EROFS: read-only file system/ });
});

t.test('leftovers of a crash are recognised by their temporary names alone', async (t) => {
  const folder = makeScratch(t);
  const leftover = '.podnetd-0123456789abcdef.tmp';
  for (const name of [leftover, 'a.conflist', '.podnetd-x.tmp', 'x.tmp']) writeFileSync(path.join(folder, name), '');
  t.same(files.listLeftovers(folder), [leftover]);
  await files.remove(path.join(folder, leftover));
  await files.remove(path.join(folder, leftover));
  t.same(files.listLeftovers(folder), []);
});

t.test('reads plain files of bounded size only, and does not wait for a FIFO', async (t) => {
  const folder = makeScratch(t);
  const at = (name: string) => path.join(folder, name);
  execFileSync('mkfifo', [at('fifo')]);
  mkdirSync(at('folder'));
  writeFileSync(at('plain'), 'text');
  t.match(files.read(at('fifo'), 10), { problem: 'not a regular file' });
  t.match(files.read(at('folder'), 10), { problem: 'not a regular file' });
  t.match(files.read(at('plain'), 3), { problem: 'larger than 3 bytes' });
  t.match(files.read(at('plain'), 4), { text: 'text' });
  t.equal(files.read(at('absent'), 4), undefined);
});

function mountTmpfs(t: Test, options: string): string {
  const folder = makeScratch(t);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'podnetd-test', folder]);
  t.teardown(() => execFileSync('umount', [folder]));
  return folder;
}

t.test('watches local folders only', (t) => {
  const files = new Files();
  const ignore = () => {};
  t.equal(files.watch('/proc/self', ignore, ignore), undefined, 'inotify would report no change');
  t.equal(files.watch(path.join(makeScratch(t), 'gone'), ignore, ignore), undefined);
  const watch = files.watch(makeScratch(t), ignore, ignore);
  t.ok(watch);
  watch?.close();
  t.end();
});
