import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connectionsWithin, limits } from '../../src/api/limits.js';
import { readDescriptorLimit } from '../../src/host/own-process/descriptor-limit.js';
import { serveWithin } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { writeRequest } from '../support/raw-http.js';
import { request as networkRequest } from '../support/service.js';
import { missing } from '../support/tools.js';

/** Clients that hold connections keep no other client out, and cost little. */

const createUrl = '/v4.3.1/libpod/networks/create';

/** Opens `count` connections; a connection that is refused or closed is no error. */
async function hold(t: Test, socketPath: string, count: number): Promise<readonly Socket[]> {
  const held: Socket[] = [];
  t.teardown(() => held.forEach((client) => client.destroy()));
  while (held.length < count) {
    // Batches that fit in the queue of the socket.
    const some = Array.from({ length: Math.min(200, count - held.length) }, () => connect(socketPath));
    await Promise.all(
      some.map(async (client) => {
        client.on('error', () => undefined).resume();
        await Promise.race([once(client, 'connect'), once(client, 'close')]);
      }),
    );
    held.push(...some);
  }
  return held;
}

const openOf = (clients: readonly Socket[]) => clients.filter((client) => !client.closed).length;

function statusOf(daemon: TestDaemon, key: string): number {
  const status = readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8');
  return Number(new RegExp(String.raw`^${key}:\s+(\d+)`, 'm').exec(status)?.[1]);
}

/** Processor time that the daemon has used, in ticks of 10 ms. source: proc(5) */
function ticksOf(daemon: TestDaemon): number {
  const stat = readFileSync(`/proc/${daemon.process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const descriptorsOf = (daemon: TestDaemon) => readdirSync(`/proc/${daemon.process.pid}/fd`).length;

t.test('ten thousand idle connections', async (t) => {
  const daemon = await startDaemon(t);
  await daemon.ask('GET', '/networks');
  const before = statusOf(daemon, 'VmRSS');
  // This process needs a descriptor for each connection, and some more.
  const count = Math.min(10_000, connectionsWithin(readDescriptorLimit(), limits) - 100);
  t.ok(count >= 1_000, `${count} connections`);
  const held = await hold(t, daemon.socket, count);
  for (let tries = 0; descriptorsOf(daemon) < count && tries < 1_000; tries += 1) await sleep(10);
  t.equal((await daemon.ask('GET', '/networks/podman')).status, 200, 'a new connection is answered');
  t.equal((await daemon.ask('POST', createUrl, { name: 'among-them' })).status, 200);
  t.equal(openOf(held), count, 'all connections are still open');
  const perConnection = ((statusOf(daemon, 'VmRSS') - before) * 1024) / count;
  t.ok(perConnection < 30_000, `${Math.round(perConnection)} bytes a connection`);

  const used = ticksOf(daemon);
  await sleep(1_000);
  t.ok(ticksOf(daemon) - used < 50, 'the daemon spends no time on them');
  for (const client of held) client.destroy();
  for (let tries = 0; descriptorsOf(daemon) > 200 && tries < 1_000; tries += 1) await sleep(10);
  t.ok(descriptorsOf(daemon) <= 200, 'their descriptors are closed');
  t.notOk(
    daemon.log().some(({ level }) => Number(level) >= 40),
    'podnetd logged no warning',
  );
});

t.test('the connection that is idle the longest makes room', async (t) => {
  const app = await serveWithin(t, {}, { maxConnections: 20 });
  const stream = await openEvents(t, app.socket, '/v4.3.1/libpod/events');
  const first = await hold(t, app.socket, 15);
  // Half a head is no request yet, nor is a head without its body.
  first[0]?.write('GET /_ping HTTP/1.1\r\nHo');
  first[1]?.write(`POST ${createUrl} HTTP/1.1\r\nContent-Length: 10\r\n\r\n`);
  t.equal((await ask(app.socket, 'GET', '/_ping')).status, 200);
  t.equal(openOf(first), 15);
  const second = await hold(t, app.socket, 100);
  for (let times = 0; times < 10; times += 1) {
    t.equal((await ask(app.socket, 'GET', '/_ping')).status, 200, 'a new connection is always answered');
  }
  t.equal(openOf(first), 0);
  t.ok(openOf(second) <= 19);
  t.equal((await ask(app.socket, 'POST', createUrl, { name: 'seen' })).status, 200);
  t.match(await stream.lines(1), [{ Action: 'create' }], 'a stream is in use');
  t.equal(
    app.messages.filter((message) => message.startsWith('too many connections')).length,
    1,
    'the warning is logged once',
  );
});

t.test('when each connection is in use a new one is closed', async (t) => {
  const app = await serveWithin(t, {}, { maxConnections: 5 });
  await app.networks.create(networkRequest('large', { labels: new Map([['k', 'x'.repeat(1_000_000)]]) }));
  const deaf = Array.from({ length: 5 }, () => connect(app.socket));
  t.teardown(() => deaf.forEach((client) => client.destroy()));
  for (const client of deaf) {
    client.write(writeRequest('GET', '/networks'));
    await once(client, 'readable');
  }
  await t.rejects(ask(app.socket, 'GET', '/_ping'), { code: /^(ECONNRESET|EPIPE)$/ });
  deaf[0]?.resume();
  let status = 0;
  for (let tries = 0; status !== 200 && tries < 500; tries += 1) {
    ({ status } = await ask(app.socket, 'GET', '/_ping').catch(() => ({ status: 0 })));
  }
  t.equal(status, 200, 'a new connection is answered after another has ended');
});

t.test('few descriptors', { skip: missing('prlimit') }, async (t) => {
  const daemon = await startDaemon(t, { prefix: ['prlimit', '--nofile=600'] });
  const held = await hold(t, daemon.socket, 800);
  for (let times = 0; times < 5; times += 1) {
    t.equal(
      (await daemon.ask('POST', createUrl, { name: `few${times}` })).status,
      200,
      'podnetd keeps descriptors for files',
    );
  }
  t.ok(openOf(held) <= connectionsWithin(600, limits));
  t.ok(descriptorsOf(daemon) < 500, `${descriptorsOf(daemon)} of 600`);
});

t.test('when descriptors run out, the daemon waits until some are free', { skip: missing('prlimit') }, async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', createUrl, { name: 'before' })).status, 200);
  // The limit falls after the start, so podnetd's own bound does not help.
  const some = descriptorsOf(daemon) + 20;
  execFileSync('prlimit', ['--pid', String(daemon.process.pid), `--nofile=${some}`]);
  const held = await hold(t, daemon.socket, 200);
  for (let tries = 0; openOf(held) > 30 && tries < 500; tries += 1) await sleep(10);
  t.ok(openOf(held) <= 30, `connections without a descriptor are closed, ${openOf(held)} are open`);
  const used = ticksOf(daemon);
  await sleep(1_000);
  t.ok(ticksOf(daemon) - used < 50, 'the daemon does not spin');
  t.equal(daemon.process.exitCode, null, 'the daemon lives');
  for (const client of held) client.destroy();
  let status = 0;
  for (let tries = 0; status !== 200 && tries < 500; tries += 1) {
    ({ status } = await daemon.ask('GET', '/networks/podman').catch(() => ({ status: 0 })));
  }
  t.equal(status, 200, 'the daemon serves when the connections are gone');
  for (let tries = 0; descriptorsOf(daemon) > some - 15 && tries < 500; tries += 1) await sleep(10);
  t.equal((await daemon.ask('POST', createUrl, { name: 'after' })).status, 200);
});

t.test('as many connections as descriptors allow', async (t) => {
  t.equal(connectionsWithin(Infinity, limits), limits.connections);
  t.equal(connectionsWithin(1_000_000, limits), limits.connections);
  t.equal(connectionsWithin(4_096, limits), 4_096 - limits.reservedDescriptors);
  t.equal(connectionsWithin(1_024, limits), 512);
  t.equal(connectionsWithin(64, limits), 32);
  t.ok(readDescriptorLimit() > 0);
});
