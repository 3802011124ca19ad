import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { epoch, maintainer, revision, root, version } from './project.mjs';
import { normalise, writeTree } from './tree.mjs';

const sources = path.join(import.meta.dirname, 'deb');
const scripts = ['postinst', 'prerm', 'postrm'];

/**
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {import('./tree.mjs').Parts} parts
 * @param {string} scratch
 * @param {string} output folder
 */
export function buildDeb({ debian }, parts, scratch, output) {
  const tree = path.join(scratch, 'deb');
  writeTree(tree, parts, { prefix: 'usr', relocatable: false, zsh: 'share/zsh/vendor-completions' });
  const doc = path.join(tree, 'usr/share/doc/podnetd');
  writeFileSync(path.join(doc, 'copyright'), readFileSync(path.join(sources, 'copyright')));
  writeFileSync(path.join(doc, 'changelog.Debian.gz'), gzipSync(changelog(), { level: 9 }));
  const changes = readFileSync(path.join(root, 'CHANGELOG.md'));
  writeFileSync(path.join(doc, 'changelog.gz'), gzipSync(changes, { level: 9 }));
  const overrides = path.join(tree, 'usr/share/lintian/overrides');
  mkdirSync(overrides, { recursive: true });
  writeFileSync(path.join(overrides, 'podnetd'), readFileSync(path.join(sources, 'lintian-overrides')));

  const size = sizeOf(tree);
  const control = path.join(tree, 'DEBIAN');
  mkdirSync(control);
  writeFileSync(path.join(control, 'control'), fill(readFileSync(path.join(sources, 'control'), 'utf8'), debian, size));
  for (const name of scripts) writeFileSync(path.join(control, name), readFileSync(path.join(sources, name)));
  writeFileSync(path.join(control, 'md5sums'), checksums(tree));
  normalise(tree);
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) };
  // xz takes six times as long for two thirds of the bytes, level 9 three times for a hundredth; lintian of Debian 12 knows no zstd.
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z6', '--build', tree, output], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** @param {number} size in KiB */
function fill(template, architecture, size) {
  const values = { version: `${version}-${revision}`, architecture, size, maintainer };
  return template.replaceAll(/@(\w+)@/g, (_, name) => values[name]);
}

function changelog() {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `podnetd (${version}-${revision}) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- ${maintainer}  ${date}\n`;
}

/** source: Debian policy 5.6.20: KiB of the files, each rounded up. */
function sizeOf(tree) {
  return filesOf(tree).reduce((sum, name) => sum + Math.ceil(statSync(path.join(tree, name)).size / 1024), 0);
}

function checksums(tree) {
  const names = filesOf(tree).filter((name) => !name.startsWith('DEBIAN/'));
  return execFileSync('md5sum', names, { cwd: tree, encoding: 'utf8' });
}

function filesOf(tree) {
  const entries = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => path.relative(tree, path.join(entry.parentPath ?? entry.path, entry.name))).toSorted();
}
