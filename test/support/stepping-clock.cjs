// Loaded before the daemon's own code: its clock is off by the milliseconds that the file PODNETD_TEST_CLOCK has.
const { openSync, readSync } = require('node:fs');

const { now } = Date;
// Kept open: graceful-fs, which the daemon loads, asks for the time at each close.
const fd = openSync(process.env.PODNETD_TEST_CLOCK, 'r');
const bytes = Buffer.alloc(16);
Date.now = () => now() + Number(bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0)));
