import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../../src/host/files/files.js';
import { changeFolder, type ChangeGroup } from '../../../src/host/files/folder-change.js';
import { exchangeAtOnce, exchangeInSteps, exchangeNames } from '../../../src/host/files/exchange-names.js';
import { makeChange, type NameChange } from '../../../src/host/files/name-change.js';
import { stageFile } from '../../../src/host/files/temporary-file.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const files = new Files();

/** A group whose caller waits and accepts by default. */
function group(changes: readonly NameChange[], { waits = true, accepts = true } = {}): ChangeGroup {
  return { changes, isWaiting: () => waits, accept: () => accepts };
}

const add = (fileName: string, after = `new ${fileName}`): NameChange => ({ fileName, before: undefined, after });
const remove = (fileName: string, before = `old ${fileName}`): NameChange => ({ fileName, before, after: undefined });
const replace = (fileName: string): NameChange => ({
  fileName,
  before: `old ${fileName}`,
  after: `new ${fileName}`,
});

function makeFolder(t: Test, names: readonly string[]): string {
  const folder = makeScratch(t);
  for (const name of names) writeFileSync(path.join(folder, name), `old ${name}`);
  return folder;
}

function contentsOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

t.test('groups are made in their order, up to the first failure', async (t) => {
  const folder = makeFolder(t, ['a', 'b', 'c']);
  const outcomes = await changeFolder(folder, [
    group([remove('a'), add('d')]),
    group([add('b'), add('e'), remove('c', 'another text')]),
    group([remove('c')]),
    group([add('a')]),
  ]);
  t.match(outcomes, [
    [undefined, { size: 5n }],
    [{ code: 'fileExists' }, { size: 5n }, { code: 'fileOvertaken' }],
    undefined,
    undefined,
  ]);
  t.same(contentsOf(folder), { b: 'old b', c: 'old c', d: 'new d', e: 'new e' });
});

t.test('a file is replaced, and its stamp is that of the file in place', async (t) => {
  const folder = makeFolder(t, ['a']);
  const [outcome] = await changeFolder(folder, [group([replace('a')])]);
  t.same(outcome, [files.stamp(path.join(folder, 'a'))]);
  t.same(contentsOf(folder), { a: 'new a' });
  t.equal(statSync(path.join(folder, 'a')).mode & 0o777, 0o644 & ~process.umask());
});

t.test('a file whose text differs from the expected one is not replaced', async (t) => {
  const folder = makeFolder(t, ['a']);
  const [overtaken, missing] = await changeFolder(folder, [
    group([
      { ...replace('a'), before: 'yet another' },
      { ...replace('gone'), before: 'old gone' },
    ]),
  ]).then(([outcomes = []]) => outcomes);
  t.match(overtaken, { code: 'fileOvertaken' });
  t.match(missing, { code: 'fileOvertaken' });
  t.same(contentsOf(folder), { a: 'old a' });
});

t.test('a file that takes the place of another has its rights, its owner and, if asked, its time', async (t) => {
  const folder = makeFolder(t, ['a', 'b']);
  const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')];
  chmodSync(a, 0o640);
  if (process.getuid?.() === 0) chownSync(a, 12, 34);
  const mtimeNs = 1_234_567_890_123_456_000n;
  const before = statSync(a);
  const [outcomes] = await changeFolder(folder, [group([{ ...replace('a'), mtimeNs: mtimeNs + 789n }, replace('b')])]);
  const { mode, uid, gid } = statSync(a);
  t.strictSame({ mode, uid, gid }, { mode: before.mode, uid: before.uid, gid: before.gid });
  t.match(outcomes, [{ mtimeNs }], 'to the microsecond');
  t.equal(statSync(a, { bigint: true }).mtimeNs, mtimeNs);
  t.ok(statSync(b, { bigint: true }).mtimeNs > mtimeNs, 'the time of the change by default');
  const [again] = await changeFolder(folder, [group([{ fileName: 'a', before: 'new a', after: 'newer a', mtimeNs }])]);
  t.match(again, [{ mtimeNs }], 'a second change keeps it exactly');
});

t.test('a symbolic link is not replaced', async (t) => {
  const folder = makeFolder(t, ['b']);
  writeFileSync(path.join(folder, 'target'), 'old a');
  symlinkSync('target', path.join(folder, 'a'));
  const [[linked, other] = []] = await changeFolder(folder, [group([replace('a'), replace('b')])]);
  t.match(linked, { code: 'fileLinked' });
  t.match(other, { size: 5n }, 'the others of its group are made');
  t.same(contentsOf(folder), { a: 'old a', b: 'new b', target: 'old a' });
});

t.test('a group whose caller gave up is not made, nor is any behind it', async (t) => {
  const folder = makeFolder(t, ['a']);
  const outcomes = await changeFolder(folder, [
    group([add('b')]),
    group([remove('a')], { waits: false }),
    group([add('c')]),
  ]);
  t.match(outcomes, [[{ size: 5n }], undefined, undefined]);
  t.same(contentsOf(folder), { a: 'old a', b: 'new b' });
});

t.test('a durable group whose caller does not accept it is undone, with all behind it', async (t) => {
  const folder = makeFolder(t, ['a', 'b', 'c']);
  const outcomes = await changeFolder(folder, [
    group([remove('a')]),
    group([remove('b'), add('d'), replace('c')], { accepts: false }),
    group([add('a'), add('b')]),
  ]);
  t.match(outcomes, [[undefined], undefined, undefined]);
  t.same(contentsOf(folder), { b: 'old b', c: 'old c' });
});

/** Acts of another program on a file between a change and its end. */
const meanwhile: Readonly<Record<string, (file: string) => void>> = {
  'puts another file in its place': (file) => {
    writeFileSync(`${file}.aside`, 'theirs');
    renameSync(`${file}.aside`, file);
  },
  'overwrites it': (file) => writeFileSync(file, 'theirs'),
};

for (const [what, act] of Object.entries(meanwhile)) {
  t.test(`a change is undone after another program ${what}`, async (t) => {
    for (const change of [add('new'), replace('old'), remove('old')]) {
      const folder = makeFolder(t, ['old']);
      const target = path.join(folder, change.fileName);
      const staged = change.after === undefined ? undefined : await stageFile(folder, change.after, { mode: 0o644 });
      const made = makeChange(folder, change, staged);
      act(target);
      const left = made.undo();
      t.equal(readFileSync(target, 'utf8'), 'theirs', 'the other program keeps its file');
      if (change.after === undefined)
        t.match(left, /is now .*\/old\.podnetd-kept-[0-9a-f]{16}, it could not be put back/);
      else t.equal(left, undefined);
      const kept = readdirSync(folder).filter((name) => name !== 'old' && name !== 'new');
      t.same(
        kept.map((name) => readFileSync(path.join(folder, name), 'utf8')),
        change.after === undefined ? ['old old'] : [],
      );
    }
  });
}

t.test('a change is undone after another program removed its file', async (t) => {
  for (const change of [add('new'), replace('old')]) {
    const folder = makeFolder(t, ['old']);
    const made = makeChange(folder, change, await stageFile(folder, change.after ?? '', { mode: 0o644 }));
    rmSync(path.join(folder, change.fileName));
    t.equal(made.undo(), undefined);
    t.same(
      contentsOf(folder),
      change.before === undefined ? { old: 'old old' } : {},
      'as if the removal came after the undo',
    );
  }
});

t.test('a second name of the file shows other processes an unfinished change', async (t) => {
  for (const change of [add('new'), remove('old'), replace('old')]) {
    const folder = makeFolder(t, ['old']);
    const inodeOf = (name: string) => statSync(path.join(folder, name)).ino;
    const old = inodeOf('old');
    const staged = change.after === undefined ? undefined : await stageFile(folder, change.after, { mode: 0o644 });
    const made = makeChange(folder, change, staged);
    const marks = readdirSync(folder)
      .filter((name) => /\.(tmp|old)$/.test(name))
      .map(inodeOf);
    // A replace also gives the old file the temporary name of the new one.
    t.same([...new Set(marks)], [change.before === undefined ? inodeOf('new') : old]);
    made.finish();
    t.notOk(readdirSync(folder).some((name) => /\.(tmp|old)$/.test(name)));
  }
});

for (const exchange of [exchangeAtOnce, exchangeInSteps, exchangeNames]) {
  t.test(`${exchange.name} exchanges the names of two files`, (t) => {
    const folder = makeScratch(t);
    const [a, b] = [path.join(folder, '.podnetd-0123456789abcdef.tmp'), path.join(folder, 'b')];
    writeFileSync(a, 'a');
    writeFileSync(b, 'b');
    exchange(a, b);
    t.same([readFileSync(a, 'utf8'), readFileSync(b, 'utf8')], ['b', 'a']);
    rmSync(b);
    t.throws(() => exchange(a, b), { code: 'ENOENT' });
    t.same(contentsOf(folder), { [path.basename(a)]: 'b' }, 'a failed exchange changes no name');
    t.end();
  });
}

t.test('the removal or replacement of one name leaves the other names of a file', async (t) => {
  const folder = makeFolder(t, ['a', 'b']);
  for (const name of ['a', 'b']) linkSync(path.join(folder, name), path.join(folder, `${name}2`));
  await changeFolder(folder, [group([remove('a'), replace('b')])]);
  t.same(contentsOf(folder), { a2: 'old a', b: 'new b', b2: 'old b' });
});

t.test('a FIFO in the place of a file does not block a removal', { skip: missing('mkfifo') }, async (t) => {
  const folder = makeScratch(t);
  execFileSync('mkfifo', [path.join(folder, 'a')]);
  t.match(await changeFolder(folder, [group([remove('a')])]), [[{ code: 'fileOvertaken' }]]);
  t.same(readdirSync(folder), ['a'], 'the FIFO has its name again');
});
