import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { limits } from '../../src/api/limits.js';
import { serveWithin } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { writeRequest } from '../support/raw-http.js';
import { request as networkRequest } from '../support/service.js';
import { writeNetwork } from './networks.js';

/** Many clients that follow events, reading or not: other clients are served, and the daemon can end. */

const createUrl = '/v4.3.1/libpod/networks/create';

/** A client of a stream, and the bytes that it has read. */
interface Ear {
  readonly client: Socket;
  heard: string;
}

async function listen(
  t: Test,
  socketPath: string,
  count: number,
  url: string,
  reads: boolean,
): Promise<readonly Ear[]> {
  const ears: Ear[] = [];
  t.teardown(() => ears.forEach(({ client }) => client.destroy()));
  while (ears.length < count) {
    // Batches that fit in the queue of the socket.
    const some = Array.from({ length: Math.min(100, count - ears.length) }, () => {
      const ear: Ear = { client: connect(socketPath), heard: '' };
      ear.client.on('error', () => undefined).write(writeRequest('GET', url));
      if (reads) ear.client.on('data', (chunk: Buffer) => (ear.heard += chunk.toString('latin1')));
      return ear;
    });
    ears.push(...some);
    for (const { client } of some)
      for (let tries = 0; client.bytesRead === 0 && !client.closed && tries < 500; tries += 1) await sleep(5);
  }
  return ears;
}

/** Writes networks as another program would, each of which is an event on each stream. */
function writeMany(daemon: TestDaemon, count: number): void {
  for (let number = 0; number < count; number += 1) {
    const name = `${'n'.repeat(190)}${number}`;
    writeNetwork(daemon.folder, name);
  }
}

async function checkServes(t: Test, daemon: TestDaemon, name: string): Promise<void> {
  t.equal((await daemon.ask('GET', '/networks/podman')).status, 200, 'other clients are served');
  t.equal((await daemon.ask('POST', createUrl, { name })).status, 200);
}

for (const reads of [false, true]) {
  t.test(`many streams that are ${reads ? 'read' : 'not read'}`, async (t) => {
    const daemon = await startDaemon(t, { env: { NODE_OPTIONS: '--max-old-space-size=64' } });
    await checkServes(t, daemon, 'before');
    const ears = await listen(t, daemon.socket, 300, '/events?since=1', reads);
    writeMany(daemon, 1_000);
    await checkServes(t, daemon, 'after');
    for (const { client } of ears.slice(0, 10)) client.destroy();
    await listen(t, daemon.socket, 10, '/events?stream=false', reads);
    t.equal(daemon.process.exitCode, null, 'the daemon lives');
    t.equal(await daemon.stop(), 0);
    t.notOk(
      daemon.log().some(({ msg }) => msg === 'connections were cut at the deadline'),
      'no client delays the end',
    );
    if (!reads) return;
    const open = ears.filter(({ heard }) => heard.startsWith('HTTP/1.1 200 '));
    t.equal(open.length, limits.allStreams / 2, 'one user has half of the streams');
    t.ok(ears.every((ear) => open.includes(ear) || ear.heard.startsWith('HTTP/1.1 503 ')));
  });
}

t.test('a stream too many is refused in the words of its dialect', async (t) => {
  const app = await serveWithin(t, { allStreams: 2 });
  const first = await openEvents(t, app.socket, '/events');
  for (const [url, status] of [
    ['/events', 503],
    ['/v3.2.0/libpod/events', 500],
    ['/v4.3.1/libpod/events?stream=false', 503],
  ] as const) {
    const refused = await ask(app.socket, 'GET', url);
    t.equal(refused.status, status);
    t.equal(refused.headers['retry-after'], '1');
    t.match(refused.json(), {
      message: /^too many event streams: an unknown user has 1 of the 2 that there may be; .*: end one first$/,
      response: status,
    });
  }
  first.close();
  let status = 0;
  for (let tries = 0; status !== 200 && tries < 500; tries += 1) {
    ({ status } = await ask(app.socket, 'GET', '/events?stream=false'));
  }
  t.equal(status, 200, 'a stream opens after another has ended');
});

t.test('streams make room for connections that have more to lose', async (t) => {
  const app = await serveWithin(t, {}, { maxConnections: 4 });
  const holder = await holdAsPodman(path.join(app.folder, 'cni.lock'));
  t.teardown(async () => await holder.kill());
  const created = [ask(app.socket, 'POST', createUrl, { name: 'first' })];
  const streams = [];
  for (let index = 0; index < 3; index += 1) streams.push(await openEvents(t, app.socket, '/events'));
  created.push(ask(app.socket, 'POST', createUrl, { name: 'second' }));
  t.equal(await streams[0]?.ended, false, 'the oldest stream is cut');
  await holder.release();
  for (const answer of await Promise.all(created)) t.equal(answer.status, 200);
  t.match(await streams[2]?.lines(2), [{ Action: 'create' }, { Action: 'create' }], 'the youngest stream goes on');
});

t.test('streams make room for answers when memory is short', async (t) => {
  const bytes = 4_000_000;
  const app = await serveWithin(t, { allAnswersBytes: bytes + 10_000 });
  const labels = new Map([['k', 'x'.repeat(bytes)]]);
  await app.networks.create(networkRequest('large', { labels }));
  const [ear] = await listen(t, app.socket, 1, '/events', false);
  const cut = 'the event stream was cut: its client does not read';
  for (let count = 0; count < 1_500; count += 1) {
    const name = `${'n'.repeat(200)}${count}`;
    writeNetwork(app.folder, name);
  }
  t.equal((await ask(app.socket, 'GET', '/events?stream=false')).status, 200, 'podnetd has read the files');
  t.equal(app.messages.filter((message) => message === cut).length, 0);
  const answer = await ask(app.socket, 'GET', '/networks?filters={"name":["large"]}');
  t.ok(answer.text.length > bytes, 'the answer is whole');
  t.equal(app.messages.filter((message) => message === cut).length, 1);
  for (let tries = 0; ear?.client.closed === false && tries < 500; tries += 1) {
    ear.client.resume();
    await sleep(5);
  }
  t.ok(ear?.client.closed);
});
