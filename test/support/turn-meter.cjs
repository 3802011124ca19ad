'use strict';

/**
 * Loaded into a daemon before its own code (`NODE_OPTIONS=--require=…`): measures the processor time of each turn of its event loop while
 * a test is connected to the meter's socket. Processor time does not grow when other programs keep the machine busy.
 */

const { createServer } = require('node:net');
const { isMainThread } = require('node:worker_threads');

let connections = 0;
let longestUs = 0;
let last = process.cpuUsage();

function turn() {
  const now = process.cpuUsage();
  longestUs = Math.max(longestUs, now.user + now.system - last.user - last.system);
  last = now;
  if (connections > 0) setImmediate(turn);
}

const server = createServer((socket) => {
  connections += 1;
  last = process.cpuUsage();
  setImmediate(turn);
  socket.on('error', () => undefined);
  socket.on('close', () => (connections -= 1));
  socket.on('data', () => {
    socket.write(`${longestUs}\n`);
    longestUs = 0;
  });
});
// Threads of module loaders load this file too.
if (isMainThread) server.listen(process.env.PODNETD_TEST_METER).unref();
