import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import t, { type Test } from 'tap';
import { StampedText } from '../../../src/host/files/stamped-text.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const limitBytes = 100;

function makeFile(t: Test, text = 'one') {
  const file = path.join(makeScratch(t), 'file');
  writeFileSync(file, text);
  return { file, source: new StampedText(file, limitBytes) };
}

t.test('each change is seen: in place, by another file, of a link, and of its target', async (t) => {
  const { file, source } = makeFile(t);
  t.equal(source.read(), 'one');
  writeFileSync(file, 'two');
  t.equal(source.read(), 'two', 'of the same size, within one tick of the clock');
  writeFileSync(`${file}.new`, 'three');
  renameSync(`${file}.new`, file);
  t.equal(source.read(), 'three');
  rmSync(file);
  t.equal(source.read(), '', 'a file that is gone is empty');
  symlinkSync(`${file}.target`, file);
  t.equal(source.read(), '', 'so is a link that leads nowhere');
  writeFileSync(`${file}.target`, 'four');
  t.equal(source.read(), 'four');
  writeFileSync(`${file}.other`, 'five');
  rmSync(file);
  symlinkSync(`${file}.other`, file);
  t.equal(source.read(), 'five');
});

t.test('what is no short plain file is empty, and podnetd waits for none', { skip: missing('mkfifo') }, async (t) => {
  const { file, source } = makeFile(t, 'x'.repeat(limitBytes + 1));
  t.equal(source.read(), '');
  rmSync(file);
  mkdirSync(file);
  t.equal(source.read(), '');
  rmSync(file, { recursive: true });
  execFileSync('mkfifo', [file]);
  t.equal(source.read(), '');
});

/** Runs with other functions of node:fs in the place of its own. */
function withFs(functions: Partial<typeof fs>, run: () => void): void {
  const own = Object.fromEntries(Object.keys(functions).map((name) => [name, fs[name as keyof typeof fs]]));
  Object.assign(fs, functions);
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    Object.assign(fs, own);
    syncBuiltinESMExports();
  }
}

function failWith(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

t.test('a file that stays as it is is opened once', async (t) => {
  const { file, source } = makeFile(t);
  const longAgo = new Date('2020-01-01');
  utimesSync(file, longAgo, longAgo);
  // The kernel alone sets ctime, by which the file is young for a second.
  const old = <F extends (...args: never[]) => unknown>(stat: F) =>
    ((...args: Parameters<F>) => Object.assign(stat(...args) as fs.BigIntStats, { ctimeNs: 0n })) as unknown as F;
  const { openSync } = fs;
  let opened = 0;
  const functions = {
    lstatSync: old(fs.lstatSync),
    fstatSync: old(fs.fstatSync),
    openSync: (...args: Parameters<typeof openSync>) => {
      opened += 1;
      return openSync(...args);
    },
  };
  withFs(functions, () => {
    for (let time = 0; time < 3; time += 1) t.equal(source.read(), 'one');
  });
  t.equal(opened, 1);
});

t.test('the last text counts while podnetd cannot look', async (t) => {
  const { file, source } = makeFile(t);
  t.equal(source.read(), 'one');
  writeFileSync(file, 'two');
  withFs({ openSync: failWith('EMFILE') }, () => t.equal(source.read(), 'one', 'without a free descriptor'));
  withFs({ lstatSync: failWith('EACCES') }, () => t.equal(source.read(), 'one', 'in a closed folder'));
  t.equal(source.read(), 'two');
});
