'use strict';

/**
 * Loaded into a daemon before its own code (`NODE_OPTIONS=--require=…`): measures the processor time of each turn of its event loop while
 * a test is connected to the meter's socket. Time of the loop's own thread: neither a machine that is busy otherwise nor V8's helpers, which
 * collect and compile beside it, lengthen a turn.
 */

const { createServer } = require('node:net');
const { isMainThread } = require('node:worker_threads');
const koffi = require('koffi');

// CLOCK_THREAD_CPUTIME_ID of <time.h>; Node has it from version 23.9 on, as process.threadCpuUsage.
const threadClock = 3;
const readClock = koffi.load(null).func('int clock_gettime(int clock, void *time)');
// A struct timespec.
const time = new BigInt64Array(2);

function readUs() {
  readClock(threadClock, time);
  return Number(time[0]) * 1e6 + Number(time[1]) / 1e3;
}

let connections = 0;
let longestUs = 0;
let last = readUs();

function turn() {
  const now = readUs();
  longestUs = Math.max(longestUs, now - last);
  last = now;
  if (connections > 0) setImmediate(turn);
}

const server = createServer((socket) => {
  connections += 1;
  last = readUs();
  setImmediate(turn);
  socket.on('error', () => undefined);
  socket.on('close', () => (connections -= 1));
  // Once this turn counts too: a request may be worked on after its answer.
  socket.on('data', () =>
    setImmediate(() => {
      socket.write(`${Math.round(longestUs)}\n`);
      longestUs = 0;
    }),
  );
});
// Threads of module loaders load this file too.
if (isMainThread) server.listen(process.env.PODNETD_TEST_METER).unref();
