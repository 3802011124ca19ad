'use strict';

/** A project that depends on the packages that esbuild bundled, and on nothing else: generate-license-file knows packages by a package.json alone. */

const { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

/**
 * @param {string} root folder that esbuild's paths begin in
 * @param {string} metafile esbuild's account of the bundle
 * @returns {string} path of the project's package.json, which is there until this process ends
 */
exports.makeBundledProject = (root, metafile) => {
  const project = mkdtempSync(path.join(tmpdir(), 'podnetd-notices-'));
  process.on('exit', () => rmSync(project, { recursive: true, force: true }));
  const modules = path.join(project, 'node_modules');
  mkdirSync(modules);
  const dependencies = {};
  for (const folder of packagesIn(JSON.parse(readFileSync(metafile, 'utf8')).inputs)) {
    // Not the package's own name, since two versions of one package may be bundled.
    const name = folder.replaceAll(/[^a-z\d]+/gi, '-').toLowerCase();
    const target = realpathSync(path.join(root, folder));
    dependencies[name] = `file:${target}`;
    symlinkSync(target, path.join(modules, name));
  }
  const file = path.join(project, 'package.json');
  writeFileSync(file, JSON.stringify({ name: 'bundled', version: '0.0.0', dependencies }));
  return file;
};

/** @returns folders of the packages, of which a bundled file is the deepest's */
function packagesIn(inputs) {
  const folders = Object.keys(inputs).map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}
