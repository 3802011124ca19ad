'use strict';

/** Loaded into a daemon before its own code: at the end it writes the greatest size that V8's young generation had, in bytes. */

const { writeFileSync } = require('node:fs');
const { PerformanceObserver } = require('node:perf_hooks');
const { getHeapSpaceStatistics } = require('node:v8');
const { isMainThread } = require('node:worker_threads');

/** Both halves. `space_size` is in some versions of V8 the part in use. */
function youngBytes() {
  const { space_used_size, space_available_size } = getHeapSpaceStatistics().find(
    ({ space_name }) => space_name === 'new_space',
  );
  return 2 * (space_used_size + space_available_size);
}

if (isMainThread) {
  let greatest = 0;
  const look = () => (greatest = Math.max(greatest, youngBytes()));
  new PerformanceObserver(look).observe({ entryTypes: ['gc'] });
  process.on('exit', () => writeFileSync(process.env.PODNETD_TEST_YOUNG, String(greatest)));
}
