import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { serveWithin, type BoundedApp } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { openEvents } from '../support/event-stream.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { readAnswers, speak, writeRequest } from '../support/raw-http.js';
import { request as networkRequest } from '../support/service.js';
import { snapshotFolder } from '../support/snapshot-folder.js';

/** Slow clients: podnetd cuts each at its limit and no sooner, and serves the others. */

const createUrl = '/v4.3.1/libpod/networks/create';
const quick = { headTimeoutMs: 300, requestTimeoutMs: 900, checkIntervalMs: 50 };

function open(t: Test, socketPath: string): Socket {
  const client = connect(socketPath);
  client.on('error', () => undefined);
  t.teardown(() => client.destroy());
  return client;
}

/**
 * Writes a byte now and then until the other side hangs up.
 *
 * @returns the answer; an empty text if the client still wrote at that moment, because the kernel then drops unread bytes
 */
async function trickle(client: Socket, bytes: string): Promise<string> {
  let heard = '';
  client.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1'))).on('end', () => client.destroy());
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  for (const byte of bytes) {
    if (heard !== '' || !client.writable) break;
    client.write(byte);
    await sleep(20);
  }
  await closed;
  return heard;
}

async function checkServes(t: Test, { socket }: BoundedApp): Promise<void> {
  t.equal((await ask(socket, 'GET', '/networks/podman')).status, 200, 'other clients are served');
}

const slowHeads: Readonly<Record<string, string>> = {
  'a head that never ends': `GET /_ping HTTP/1.1\r\nX: ${'y'.repeat(1_000)}`,
  'headers without end': `GET /_ping HTTP/1.1\r\n${'X: y\r\n'.repeat(200)}`,
  'a request line without end': `GET /${'y'.repeat(1_000)}`,
  'a word at the beginning': 'G',
  'nothing at all': '',
};

for (const [said, bytes] of Object.entries(slowHeads)) {
  t.test(`${said} is cut`, async (t) => {
    const app = await serveWithin(t, { ...quick, requestTimeoutMs: 3_600_000 });
    const clients = Array.from({ length: 20 }, () => open(t, app.socket));
    // Every other client stops writing early enough to read the answer.
    const ends = clients.map(
      async (client, index) => await trickle(client, index % 2 === 0 ? bytes.slice(0, 4) : bytes),
    );
    await checkServes(t, app);
    const answers = (await Promise.all(ends)).flatMap((text) => readAnswers(text));
    t.ok(
      answers.length >= clients.length / 2 && answers.length <= clients.length,
      `${answers.length} of ${clients.length} get an answer`,
    );
    for (const answer of answers) {
      t.equal(answer.status, 408);
      t.match(answer.body, /^{"cause":"Request Timeout: /, 'in the envelope');
    }
    await checkServes(t, app);
  });
}

t.test('a body that never ends is cut, and makes no network', async (t) => {
  const app = await serveWithin(t, quick);
  const before = snapshotFolder(app.folder);
  const head = writeRequest('POST', createUrl, '', ['Content-Length: 5000']);
  const chunked = writeRequest('POST', createUrl, '', ['Transfer-Encoding: chunked']);
  const ends = [
    `{"name":"slow","x":"${'y'.repeat(4_000)}`,
    // No byte after the head.
    '',
  ].flatMap((body) =>
    [head, chunked + '1388\r\n'].map(async (begin) => {
      const client = open(t, app.socket);
      client.write(begin);
      return await trickle(client, body);
    }),
  );
  await checkServes(t, app);
  const answers = (await Promise.all(ends)).flatMap((text) => readAnswers(text));
  t.ok(answers.length > 0 && answers.every(({ status }) => status === 408));
  t.strictSame(snapshotFolder(app.folder), before);
});

t.test('a slow request does not harm the good one before it', async (t) => {
  const app = await serveWithin(t, quick);
  const client = open(t, app.socket);
  client.write(`${writeRequest('POST', createUrl, '{"name":"first"}')}GET /_ping HTTP/1.1\r\nX: `);
  t.strictSame(
    readAnswers(await text(client)).map(({ status }) => status),
    [200, 408],
  );
});

t.test('a request that waits for the lock longer than any limit is answered', async (t) => {
  const app = await serveWithin(t, { ...quick, keepAliveTimeoutMs: 100, answerTimeoutMs: 100 });
  const holder = await holdAsPodman(path.join(app.folder, 'cni.lock'));
  t.teardown(async () => await holder.kill());
  const client = open(t, app.socket);
  // Between two other requests, whose limits do not count for this one.
  client.write(
    writeRequest('GET', '/_ping') +
      writeRequest('POST', createUrl, '{"name":"patient"}') +
      writeRequest('GET', '/networks/patient'),
  );
  const heard = text(client);
  await sleep(1_500);
  t.notOk(client.readableEnded, 'the connection is open');
  await holder.release();
  t.strictSame(
    readAnswers(await heard).map(({ status }) => status),
    [200, 200, 200],
  );
});

t.test('a stream of events outlives every limit', async (t) => {
  const app = await serveWithin(t, { ...quick, keepAliveTimeoutMs: 100, answerTimeoutMs: 100 });
  const stream = await openEvents(t, app.socket, '/v4.3.1/libpod/events');
  await sleep(1_500);
  t.equal((await ask(app.socket, 'POST', createUrl, { name: 'late' })).status, 200);
  t.match(await stream.lines(1), [{ Action: 'create' }]);
});

t.test('a connection without a request is closed after a while, and not before its second request', async (t) => {
  const app = await serveWithin(t, { ...quick, keepAliveTimeoutMs: 200 });
  const client = open(t, app.socket);
  const heard = text(client);
  for (let times = 0; times < 3; times += 1) {
    client.write(writeRequest('GET', '/_ping'));
    await sleep(100);
  }
  // podnetd ends the connection.
  t.equal(readAnswers(await heard).length, 3);
});

t.test('a client that does not read its answer is cut, and one that reads slowly is not', async (t) => {
  const app = await serveWithin(t, { answerTimeoutMs: 400 });
  const labels = new Map([['k', 'x'.repeat(4_000_000)]]);
  await app.networks.create(networkRequest('large', { labels }));
  const url = '/networks?filters=%7B%22name%22%3A%5B%22large%22%5D%7D';
  const slow = open(t, app.socket);
  const deaf = open(t, app.socket);
  slow.pause().write(writeRequest('GET', url, '', ['Connection: close']));
  deaf.pause().write(writeRequest('GET', url));
  let bytes = 0;
  const whole = once(slow, 'end');
  slow.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 25);
  });
  slow.resume();
  await whole;
  t.ok(bytes > 4_000_000, 'the slow client has the whole answer');
  await sleep(500);
  const part = await text(deaf.resume()).catch(() => '');
  t.ok(part.length < 4_000_000, "the other client has only the kernel's part of it");
  await checkServes(t, app);
});

t.test('the body that has been arriving the longest makes room', async (t) => {
  const app = await serveWithin(t, { allBodiesBytes: 10_000 });
  const slow: Socket[] = [];
  for (let count = 0; count < 4; count += 1) {
    const client = open(t, app.socket);
    client.write(writeRequest('POST', createUrl, 'y'.repeat(4_000), ['Content-Length: 5000']));
    // Discards the answer, because the test asks only whether the connection ends.
    slow.push(client.resume());
    t.equal((await ask(app.socket, 'GET', '/_ping')).status, 200);
  }
  for (let tries = 0; slow[1]?.closed === false && tries < 500; tries += 1) await sleep(10);
  t.strictSame(
    slow.map((client) => client.closed),
    [true, true, false, false],
  );
  t.equal((await ask(app.socket, 'POST', createUrl, { name: 'small' })).status, 200, 'a small body fits beside them');
  const body = JSON.stringify({ name: 'whole', x: 'y'.repeat(2_000) });
  t.equal((await ask(app.socket, 'POST', createUrl, body)).status, 200);
  t.equal(app.messages.filter((message) => message.startsWith('a request was cut')).length, 3);
});

t.test('bodies that are announced and do not come take no room', async (t) => {
  const app = await serveWithin(t, { allBodiesBytes: 100_000 });
  const announce = (length: number) => {
    const client = open(t, app.socket);
    client.write(writeRequest('POST', createUrl, '', [`Content-Length: ${length}`]));
    return client;
  };
  const honest = Array.from({ length: 20 }, (_, number) => {
    const body = JSON.stringify({ name: `honest${number}` });
    return { body, client: announce(body.length) };
  });
  for (let count = 0; count < 100; count += 1) announce(1_000_000);
  t.equal((await ask(app.socket, 'POST', createUrl, { name: 'beside' })).status, 200);
  for (const { body, client } of honest) client.end(body);
  const answers = await Promise.all(honest.map(async ({ client }) => readAnswers(await text(client).catch(() => ''))));
  t.ok(answers.every(([answer]) => answer?.status === 200));
});

t.test('a body in many pieces is refused, as each takes memory of its own', async (t) => {
  const app = await serveWithin(t, { bodyPieces: 1_000 });
  const piecewise = async (pieces: number) => {
    const body = JSON.stringify({ name: 'web' }).padEnd(pieces);
    const chunks = `${body.replaceAll(/./g, '1\r\n$&\r\n')}0\r\n\r\n`;
    return await speak(app.socket, writeRequest('POST', createUrl, chunks, ['Transfer-Encoding: chunked']));
  };
  const [refused] = readAnswers(await piecewise(1_001));
  t.equal(refused?.status, 400);
  t.match(refused?.body, /request body comes in more than 1000 pieces: send larger ones/);
  t.equal(readAnswers(await piecewise(1_000))[0]?.status, 200);
});

t.test('whole bodies are kept, and a body without room is refused with Retry-After', async (t) => {
  const app = await serveWithin(t, { allBodiesBytes: 10_000 });
  const holder = await holdAsPodman(path.join(app.folder, 'cni.lock'));
  t.teardown(async () => await holder.kill());
  const create = async (name: string) =>
    await ask(app.socket, 'POST', createUrl, { name, labels: { k: 'x'.repeat(2_000) } });
  const waiting = [create('one'), create('two')];
  await sleep(200);
  const refused = await create('three');
  t.equal(refused.status, 503);
  t.equal(refused.headers['retry-after'], '1');
  const message =
    /^too many requests at once: .* hold \d{4} of the 10000 bytes .* send it again when others are answered$/;
  t.match(refused.json(), { message });
  await holder.release();
  for (const answer of await Promise.all(waiting)) t.equal(answer.status, 200);
  t.equal((await create('three')).status, 200, 'there is room after the release');
});

t.test('a connection with more waiting requests than the limit for all is cut', async (t) => {
  const app = await serveWithin(t, { allWaitingRequests: 16 });
  const holder = await holdAsPodman(path.join(app.folder, 'cni.lock'));
  t.teardown(async () => await holder.kill());
  const ping = writeRequest('GET', '/_ping');
  const modest = open(t, app.socket);
  modest.write(writeRequest('POST', createUrl, '{"name":"modest"}') + ping.repeat(6));
  const answers = text(modest);
  await sleep(100);
  const greedy = open(t, app.socket);
  greedy.write(writeRequest('POST', createUrl, '{"name":"greedy"}') + ping.repeat(6));
  t.equal(await text(greedy).catch(() => ''), '');
  await checkServes(t, app);
  await holder.release();
  modest.end();
  t.equal(readAnswers(await answers).length, 7);
});
