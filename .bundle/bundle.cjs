'use strict';

/**
 * Bundles `dist/main.js` and what it imports as `dist/podnetd.cjs`, and puts its launcher and the launcher's compiler beside it. Arguments:
 * `--outfile=`, and `--metafile=` for esbuild's account of what is in the bundle.
 */

const { execFileSync } = require('node:child_process');
const { copyFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const esbuild = require('esbuild');
const { lateModules } = require('./late-modules.cjs');

const root = path.dirname(__dirname);
const { values } = parseArgs({
  options: { outfile: { type: 'string', default: path.join(root, 'dist/podnetd.cjs') }, metafile: { type: 'string' } },
});

/** The first two are native addons; podnetd never calls the others. */
const external = [
  'fs-native-extensions',
  'koffi',
  'light-my-request',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
];

const commit = execFileSync(path.join(root, '.version/commit'), { encoding: 'utf8' }).trim();

async function bundle() {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['dist/main.js'],
    outfile: values.outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external,
    define: { 'import.meta.url': '__filename', PODNETD_COMMIT: JSON.stringify(commit) },
    plugins: [lateModules],
    // Names stay, and lines are short, for the traces of bugs.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const name of ['launch.cjs', 'compile.cjs'])
    copyFileSync(path.join(__dirname, name), path.join(path.dirname(values.outfile), name));
  if (values.metafile !== undefined) writeFileSync(values.metafile, JSON.stringify(metafile));
}

bundle().catch(() => process.exit(1));
