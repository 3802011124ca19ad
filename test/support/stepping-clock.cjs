// Loaded before the daemon's own code: shifts its clock by the milliseconds in the file PODNETD_TEST_CLOCK.
const { openSync, readSync } = require('node:fs');

const { now } = Date;
// Kept open, because graceful-fs, which the daemon loads, calls Date.now at each close.
const fd = openSync(process.env.PODNETD_TEST_CLOCK, 'r');
const bytes = Buffer.alloc(16);
Date.now = () => now() + Number(bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0)));
