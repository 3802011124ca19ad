import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { epoch, root, version } from './project.mjs';
import { normalise, writeTree } from './tree.mjs';

/**
 * An archive to unpack into /usr/local, where its units are found, or anywhere.
 *
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {import('./tree.mjs').Parts} parts
 * @param {string} scratch
 * @param {string} output folder
 */
export function buildTarball({ debian }, parts, scratch, output) {
  const name = `podnetd-${version}-linux-${debian}`;
  const tree = path.join(scratch, 'tarball', name);
  mkdirSync(tree, { recursive: true });
  writeTree(tree, parts, { prefix: '', relocatable: true, zsh: 'share/zsh/site-functions' });
  for (const page of ['LICENSE', 'CHANGELOG.md'])
    copyFileSync(path.join(root, page), path.join(tree, 'share/doc/podnetd', page));
  normalise(tree);
  const order = ['--sort=name', '--format=gnu', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner'];
  const file = path.join(output, `${name}.tar.gz`);
  execFileSync('tar', [...order, '--use-compress-program=gzip -n', '-cf', file, '-C', path.dirname(tree), name]);
}
