'use strict';

/** For generate-license-file: where the notices of the packages come from that the bundle has or loads. */

const { realpathSync } = require('node:fs');
const path = require('node:path');
const { makeBundledProject } = require('./bundled.cjs');

const root = path.dirname(__dirname);
const installed = path.dirname(realpathSync(path.join(root, 'node_modules')));
const koffi = path.join(installed, 'node_modules/koffi');
const { optionalDependencies } = require(path.join(koffi, 'package.json'));

/** koffi's binary of each platform is a package of its own, without koffi's licence. */
const binaries = Object.keys(optionalDependencies).map((name) => [
  name,
  path.relative(__dirname, path.join(koffi, 'LICENSE.txt')),
]);

module.exports = {
  inputs: [
    // The packages beside the bundle: `dependencies` and theirs. npm's reader of an installation sees little of one behind a link.
    path.join(installed, 'package.json'),
    makeBundledProject(root, path.join(root, 'dist/bundle.json')),
  ],
  output: path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'),
  overwrite: true,
  ci: true,
  eol: 'lf',
  replace: {
    ...Object.fromEntries(binaries),
    // Its version is named, so that the next one is looked at.
    'abstract-logging@2.0.1': 'abstract-logging.txt',
  },
  // Compiled into those binaries.
  append: [path.join(koffi, 'vendor/node-addon-api/LICENSE.md')],
};
