import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { epoch, maintainer, revision, root, version } from './project.mjs';
import { normalise, writeTree } from './tree.mjs';

/**
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {import('./tree.mjs').Parts} parts
 * @param {string} scratch
 * @param {string} output folder
 */
export function buildRpm({ rpm }, parts, scratch, output) {
  const tree = path.join(scratch, 'rpm-tree');
  writeTree(tree, parts, { prefix: 'usr', relocatable: false, zsh: 'share/zsh/site-functions' });
  const licences = path.join(tree, 'usr/share/licenses/podnetd');
  mkdirSync(licences, { recursive: true });
  for (const [page, folder] of [
    ['LICENSE', licences],
    ['CHANGELOG.md', path.join(tree, 'usr/share/doc/podnetd')],
  ])
    copyFileSync(path.join(root, page), path.join(folder, page));
  normalise(tree);

  const spec = path.join(scratch, 'podnetd.spec');
  writeFileSync(spec, readFileSync(path.join(import.meta.dirname, 'rpm/podnetd.spec')));
  const date = new Date(epoch * 1000);
  const day = date.toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+).*/, '$1 $3 $2 $4');
  const values = {
    tree,
    podnetd_version: version,
    podnetd_release: revision,
    podnetd_maintainer: maintainer,
    podnetd_day: day,
  };
  const defines = Object.entries({ ...values, _topdir: path.join(scratch, 'rpmbuild') }).flatMap(([name, value]) => [
    '--define',
    `${name} ${value}`,
  ]);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch), LC_ALL: 'C', TZ: 'UTC' };
  execFileSync('rpmbuild', ['-bb', '--quiet', '--target', `${rpm}-linux`, ...defines, spec], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const built = path.join(scratch, 'rpmbuild/RPMS', rpm);
  for (const name of readdirSync(built)) copyFileSync(path.join(built, name), path.join(output, name));
}
