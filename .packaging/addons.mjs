import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { unpackNpmPackage } from './npm-package.mjs';
import { root } from './project.mjs';

/** The modules that the bundle leaves outside: the native addons, and the packages that these load. */

const { dependencies: addons } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** Sources, headers, pages, build tools and binaries for another libc: what an addon's package has besides. */
const unused = /^(?:doc|include|lib\/native|vendor|musl_\w+)(?:\/|$)|^cnoke\.cjs$|\/trampolines\.cjs$/;
const used = /\.(?:js|cjs|json|node)$/;

/**
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {string} scratch
 * @returns {string} a folder `node_modules`
 */
export function prepareAddons(architecture, scratch) {
  const target = path.join(scratch, 'node_modules');
  const installed = path.join(root, 'node_modules');
  for (const name of packagesOf(Object.keys(addons), installed))
    copyPackage(path.join(installed, name), path.join(target, name), architecture);
  const binary = `@koromix/koffi-linux-${architecture.node}`;
  const local = path.join(installed, binary);
  copyPackage(existsSync(local) ? local : unpackNpmPackage(binary, scratch), path.join(target, binary), architecture);
  for (const file of readdirSync(target, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.node'))
      execFileSync(`${architecture.gnu}-strip`, ['--strip-unneeded', path.join(target, file)]);
  return target;
}

/** @returns {ReadonlySet<string>} the packages and all that they depend on, without optional ones */
function packagesOf(names, installed, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const { dependencies = {} } = JSON.parse(readFileSync(path.join(installed, name, 'package.json'), 'utf8'));
    packagesOf(Object.keys(dependencies), installed, found);
  }
  return found;
}

function copyPackage(from, to, { node }) {
  for (const entry of readdirSync(realpathSync(from), { recursive: true, withFileTypes: true })) {
    const source = path.join(entry.parentPath ?? entry.path, entry.name);
    const name = path.relative(realpathSync(from), source);
    const foreign = name.startsWith('prebuilds/') && !name.startsWith(`prebuilds/linux-${node}/`);
    if (!entry.isFile() || unused.test(name) || !used.test(name) || foreign) continue;
    mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
    copyFileSync(source, path.join(to, name));
  }
}
