'use strict';

/**
 * Bundles `dist/main.js` and what it imports as `dist/podnetd.cjs`, and puts the files that podnetd reads late, the launcher and the launcher's compiler beside it. Arguments:
 * `--outfile=`, and `--metafile=` for esbuild's account of what is in the bundle.
 */

const { execFileSync } = require('node:child_process');
const { copyFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const esbuild = require('esbuild');
const { lateModules } = require('./late-modules.cjs');
const { sharedNamespaces } = require('./shared-namespaces.cjs');

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

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // esbuild writes the path of each module, which a link to the installed packages must not change.
  preserveSymlinks: true,
  // Names stay, and lines are short, for the traces of bugs.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/** Files beside the bundle, each with the module that it begins with. They share nothing with the bundle, so that an error of one is of another class there. */
const lateFiles = {
  // A daemon reads it on a terminal alone.
  'podnetd-pretty.cjs': 'host/own-process/pretty-lines.js',
  // podnetd map alone reads it.
  'podnetd-map.cjs': 'map/command/late.js',
  // A daemon reads it at its first scrape.
  'podnetd-metrics.cjs': 'metrics/late.js',
  // podnetd doctor reads it, and a daemon that a client asks for findings.
  'podnetd-doctor.cjs': 'doctor/late.js',
  // podnetd fleet reads it, and a daemon whose settings have a store of a fleet.
  'podnetd-fleet.cjs': 'fleet/late.js',
};

async function bundle() {
  const folder = path.dirname(values.outfile);
  const shared = {
    ...common,
    external,
    define: { 'import.meta.url': '__filename', PODNETD_COMMIT: JSON.stringify(commit) },
  };
  const builds = [
    esbuild.build({
      ...shared,
      entryPoints: ['dist/main.js'],
      outfile: values.outfile,
      plugins: [lateModules, sharedNamespaces],
    }),
    ...Object.entries(lateFiles).map(([name, entry]) =>
      esbuild.build({ ...shared, entryPoints: [`dist/${entry}`], outfile: path.join(folder, name) }),
    ),
  ];
  const metafiles = (await Promise.all(builds)).map(({ metafile }) => metafile);
  for (const name of ['launch.cjs', 'compile.cjs']) copyFileSync(path.join(__dirname, name), path.join(folder, name));
  const join = (part) => Object.assign({}, ...metafiles.map((metafile) => metafile[part]));
  if (values.metafile !== undefined)
    writeFileSync(values.metafile, JSON.stringify({ inputs: join('inputs'), outputs: join('outputs') }));
}

bundle().catch(() => process.exit(1));
