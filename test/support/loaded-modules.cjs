'use strict';

/** Loaded into a daemon before its own code: at the end it writes the paths of all CommonJS modules and addons that were loaded, as JSON. */

const { writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  process.on('exit', () => writeFileSync(process.env.PODNETD_TEST_LOADED, JSON.stringify(Object.keys(require.cache))));
}
