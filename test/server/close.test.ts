import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ask } from '../support/client.js';
import { makeScratch } from '../support/scratch.js';
import { serve } from './app.js';

/** Far longer than a test may take: a close that waits for its deadline fails by that. */
const neverMs = 3_600_000;

const hello = 'GET /hello HTTP/1.1\r\nHost: d\r\n\r\n';

/** A close treats connections of all sockets alike. */
for (const [index, place] of ['the first socket', 'the second socket'].entries()) {
  const prepare = (t: Test): { readonly sockets: readonly string[]; readonly socket: string } => {
    const folder = makeScratch(t);
    const sockets = [path.join(folder, 'one'), path.join(folder, 'two')];
    return { sockets, socket: sockets[index] ?? '' };
  };

  t.test(`${place}: open requests are finished, and new connections are refused`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { arrived, close, finish } = await serve(t, { sockets });
    const answer = ask(socket, 'GET', '/slow', undefined, { connection: 'keep-alive' });
    await arrived();
    let isClosed = false;
    const closed = close(neverMs).then(() => (isClosed = true));
    for (const each of sockets) {
      t.notOk(existsSync(each));
      await t.rejects(ask(each, 'GET', '/hello'), { code: 'ENOENT' });
    }
    t.notOk(isClosed);
    finish();
    t.match(await answer, { status: 200, text: 'slow', headers: { connection: 'close' } });
    await closed;
  });

  t.test(`${place}: a connection that is kept alive is closed after a grace`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { close } = await serve(t, { sockets });
    const connection = await askKeepingAlive(t, socket);
    const ended = once(connection, 'close');
    await close(neverMs);
    await ended;
    t.pass();
  });

  t.test(`${place}: a kept connection ends with its next answer`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { app, arrived, close, finish } = await serve(t, { sockets });
    const kept = await askKeepingAlive(t, socket);
    const busy = ask(socket, 'GET', '/slow');
    await arrived();
    const closed = close(neverMs);
    while (app.server.listening) await nextTurn();
    kept.write(hello);
    t.match(await text(kept), /^HTTP\/1.1 200 [^]*connection: close[^]*hello$/i);
    finish();
    await busy;
    await closed;
  });

  t.test(`${place}: an answer that promised to keep the connection ends it nevertheless`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { app, arrived, close, finish } = await serve(t, { sockets });
    const agent = new Agent({ keepAlive: true });
    t.teardown(() => agent.destroy());
    const streaming = request({ socketPath: socket, path: '/stream', agent }).end();
    await Promise.all([arrived(), once(streaming, 'socket')]);
    const answer = await answerOf(streaming);
    t.equal(answer.headers.connection, 'keep-alive');
    const closed = close(neverMs);
    while (app.server.listening) await nextTurn();
    finish();
    t.equal(await text(answer), 'begin end');
    await closed;
  });

  t.test(`${place}: requests that have arrived and are not read yet are answered`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { close } = await serve(t, { sockets });
    const kept = await askKeepingAlive(t, socket);
    kept.write(hello);
    const answers = [text(kept), ...Array.from({ length: 20 }, async () => (await ask(socket, 'GET', '/hello')).text)];
    await close(neverMs);
    for (const answer of await Promise.all(answers)) t.match(answer, /hello$/);
  });

  t.test(`${place}: a connection that has sent nothing is cut after a grace`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { close, warnings } = await serve(t, { sockets });
    const silent = connect(socket);
    await once(silent, 'connect');
    const ended = once(silent.resume(), 'close');
    await close(neverMs);
    await ended;
    t.same(warnings, []);
  });

  t.test(`${place}: a request in the grace is answered`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { arrived, close, finish } = await serve(t, { sockets });
    const busy = ask(socket, 'GET', '/slow');
    const late = connect(socket);
    await Promise.all([arrived(), once(late, 'connect')]);
    const closed = close(neverMs);
    await t.rejects(ask(socket, 'GET', '/hello'), { code: 'ENOENT' });
    late.write(hello);
    t.match(await text(late), /^HTTP\/1.1 200 [^]*connection: close[^]*hello$/i);
    finish();
    t.equal((await busy).text, 'slow');
    await closed;
  });

  t.test(`${place}: open connections are cut at the deadline`, async (t) => {
    const { sockets, socket } = prepare(t);
    const { arrived, close, warnings } = await serve(t, { sockets });
    const answer = ask(socket, 'GET', '/slow');
    const unfinished = connect(socket);
    unfinished.on('error', () => undefined).write('GET /hello HTTP/1.1\r\nHost:');
    await Promise.all([arrived(), once(unfinished, 'connect')]);
    const ended = once(unfinished.resume(), 'close');
    await Promise.all([t.rejects(answer, { code: 'ECONNRESET' }), close(50), close(neverMs)]);
    await ended;
    t.same(warnings, ['connections were cut at the deadline']);
  });

  t.test(`${place}: a client that has closed its side for writing gets its answer`, async (t) => {
    const { sockets, socket } = prepare(t);
    await serve(t, { sockets });
    const client = connect({ path: socket, allowHalfOpen: true });
    client.end(hello);
    t.match(await text(client), /^HTTP\/1.1 200 [^]*hello$/);
  });

  t.test(`${place}: a request that does not arrive in time is refused`, async (t) => {
    const { sockets, socket } = prepare(t);
    await serve(t, { sockets }, { headersTimeout: 50, connectionsCheckingInterval: 10 });
    const client = connect(socket);
    client.write('GET /hello HTTP/1.1\r\nHost:');
    t.match(await text(client), /^HTTP\/1.1 408 /);
  });
}

t.test('the app closes cleanly afterwards, and closing twice is the same', async (t) => {
  const socket = path.join(makeScratch(t), 'podnetd.sock');
  const { app, close } = await serve(t, { sockets: [socket] });
  await Promise.all([close(), close()]);
  await app.close();
  t.notOk(app.server.listening);
});

/** A connection that has had one answer and stays open. */
async function askKeepingAlive(t: Test, socketPath: string): Promise<Socket> {
  const connection = connect(socketPath);
  connection.setEncoding('utf8').write(hello);
  let answer = '';
  while (!answer.endsWith('hello')) answer += String(await once(connection, 'data'));
  t.match(answer, /connection: keep-alive/i);
  return connection;
}

async function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return incoming;
}
