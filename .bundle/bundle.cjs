'use strict';

/**
 * Bundles `dist/main.js` and what it imports as `dist/podnetd.cjs`, and puts the printer of readable log lines, the renderers of maps, the printer of metrics, the doctor,
 * the launcher and the launcher's
 * compiler beside it. Arguments:
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

async function bundle() {
  const folder = path.dirname(values.outfile);
  const { metafile: program } = await esbuild.build({
    ...common,
    entryPoints: ['dist/main.js'],
    outfile: values.outfile,
    external,
    define: { 'import.meta.url': '__filename', PODNETD_COMMIT: JSON.stringify(commit) },
    plugins: [lateModules, sharedNamespaces],
  });
  // A file of its own, because a daemon reads it on a terminal alone.
  const { metafile: pretty } = await esbuild.build({
    ...common,
    entryPoints: ['dist/host/own-process/pretty-lines.js'],
    outfile: path.join(folder, 'podnetd-pretty.cjs'),
  });
  // Another, because podnetd map alone reads it.
  const { metafile: map } = await esbuild.build({
    ...common,
    entryPoints: ['dist/map/command/late.js'],
    outfile: path.join(folder, 'podnetd-map.cjs'),
    external,
  });
  // Another, because a daemon reads it at its first scrape.
  const { metafile: metrics } = await esbuild.build({
    ...common,
    entryPoints: ['dist/metrics/late.js'],
    outfile: path.join(folder, 'podnetd-metrics.cjs'),
  });
  // And one more, which podnetd doctor reads, and a daemon that a client asks for findings.
  const { metafile: doctor } = await esbuild.build({
    ...common,
    entryPoints: ['dist/doctor/late.js'],
    outfile: path.join(folder, 'podnetd-doctor.cjs'),
    external,
    define: { 'import.meta.url': '__filename', PODNETD_COMMIT: JSON.stringify(commit) },
  });
  for (const name of ['launch.cjs', 'compile.cjs']) copyFileSync(path.join(__dirname, name), path.join(folder, name));
  const inputs = { ...program.inputs, ...pretty.inputs, ...map.inputs, ...metrics.inputs, ...doctor.inputs };
  const outputs = { ...program.outputs, ...pretty.outputs, ...map.outputs, ...metrics.outputs, ...doctor.outputs };
  if (values.metafile !== undefined) writeFileSync(values.metafile, JSON.stringify({ inputs, outputs }));
}

bundle().catch(() => process.exit(1));
