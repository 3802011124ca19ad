import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { makeScratch } from '../support/scratch.js';

export const project = path.resolve(import.meta.dirname, '../..');

/** Packages that `npm run package` has made. */
export const output = path.join(project, 'dist/packages');

/** The path of the one package that ends so. */
export function built(ending: string): string {
  const [name, ...more] = readdirSync(output).filter((file) => file.endsWith(ending));
  if (name === undefined || more.length > 0)
    throw new Error(`${output} has to hold one *${ending}: run \`npm run package -- --arch amd64\` first`);
  return path.join(output, name);
}

/** The package of a later version, with the same files. */
export function laterDeb(t: Test): string {
  const tree = path.join(makeScratch(t), 'deb');
  execFileSync('dpkg-deb', ['--raw-extract', built('_amd64.deb'), tree]);
  const control = path.join(tree, 'DEBIAN/control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, 'Version: 99.0.0-1'));
  const file = path.join(path.dirname(tree), 'podnetd_99.0.0-1_amd64.deb');
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file]);
  return file;
}
