import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { runMap } from './run-map.js';

t.test('a page takes the place of a file whole, keeps its mode, and follows a link', async (t) => {
  const folder = makeScratch(t);
  const [file, link] = [path.join(folder, 'page.html'), path.join(folder, 'link.html')];
  fs.writeFileSync(file, 'old', { mode: 0o600 });
  fs.symlinkSync('page.html', link);
  t.equal(runMap(['--cni-config-dir', path.join(folder, 'net.d'), '--html', link]).status, 0);
  t.match(fs.readFileSync(file, 'utf8'), /^<!doctype html>[^]*<\/html>\n$/);
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
  t.equal(fs.readlinkSync(link), 'page.html');
  t.same(fs.readdirSync(folder).toSorted(), ['link.html', 'page.html']);
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
