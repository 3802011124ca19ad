import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { runMap } from './run-map.js';

const draw = (...args: readonly string[]) => runMap(['--cni-config-dir', '/nonexistent', ...args]).status;

t.test('a page takes the place of a file whole, and keeps its mode', async (t) => {
  const folder = makeScratch(t);
  const file = path.join(folder, 'page.html');
  fs.writeFileSync(file, 'old', { mode: 0o600 });
  const open = fs.openSync(file, 'r');
  t.equal(draw('--html', file), 0);
  t.equal(fs.readFileSync(open, 'utf8'), 'old', 'a reader that has the old page keeps it');
  fs.closeSync(open);
  t.match(fs.readFileSync(file, 'utf8'), /^<!doctype html>[^]*<\/html>\n$/);
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
  t.same(fs.readdirSync(folder), ['page.html']);
});

t.test('a link that another user put there leads nowhere', { skip: missing() }, async (t) => {
  const folder = makeScratch(t);
  const [secret, link, loose] = ['secret', 'link.html', 'loose.html'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  fs.writeFileSync(secret, 'secret', { mode: 0o600 });
  fs.symlinkSync(secret, link);
  fs.writeFileSync(loose, 'old');
  fs.chmodSync(loose, 0o666);
  fs.chownSync(loose, 65_534, 65_534);
  for (const file of [link, loose]) {
    t.equal(draw('--html', file), 0);
    const stats = fs.lstatSync(file);
    t.ok(stats.isFile());
    t.same([stats.uid, stats.mode & 0o777], [0, 0o644], 'nor does a mode of another user stay');
  }
  t.equal(fs.readFileSync(secret, 'utf8'), 'secret');
});

t.test('a disk without room leaves the old page', { skip: missing('mount') }, async (t) => {
  const folder = makeScratch(t);
  const file = path.join(folder, 'page.html');
  t.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'tmpfs', folder]).status, 0);
  t.teardown(() => spawnSync('umount', [folder]));
  fs.writeFileSync(file, 'old');
  const { status, stderr } = runMap(['--cni-config-dir', '/nonexistent', '--html', file]);
  t.equal(status, 1);
  t.match(stderr, `podnetd: --html ${file}: the page cannot be written: ENOSPC`);
  t.equal(fs.readFileSync(file, 'utf8'), 'old');
  t.same(fs.readdirSync(folder), ['page.html']);
});
