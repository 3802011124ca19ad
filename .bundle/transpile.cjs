'use strict';

/** Makes the modules in `dist` from those in `src`, without their types and without a check of types. */

const path = require('node:path');
const { buildSync } = require('esbuild');

buildSync({
  absWorkingDir: path.dirname(__dirname),
  entryPoints: ['src/**/*.ts'],
  outdir: 'dist',
  logLevel: 'warning',
});
