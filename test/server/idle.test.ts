import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { makeScratch } from '../support/scratch.js';
import { serve } from './app.js';

const hello = 'GET /hello HTTP/1.1\r\nHost: d\r\n\r\n';

t.test('without any request it is idle', async (t) => {
  const { idle } = await serve(t, { sockets: [path.join(makeScratch(t), 'one')], idleTimeoutMs: 20 });
  await idle;
  t.pass();
});

t.test('a connection that is kept alive or sends nothing does not keep it awake', async (t) => {
  const sockets = ['one', 'two'].map((name) => path.join(makeScratch(t), name));
  const { idle } = await serve(t, { sockets, idleTimeoutMs: 20 });
  const connections = sockets.flatMap((socket) => [connect(socket), connect(socket)]);
  for (const connection of connections) t.teardown(() => connection.destroy());
  const [kept, , alsoKept] = connections;
  kept?.write(hello);
  alsoKept?.write(hello);
  await idle;
  for (const connection of connections) t.notOk(connection.destroyed);
});

t.test('an open request keeps it awake, on each socket', async (t) => {
  const stayAwake = async (index: number, url: string): Promise<void> => {
    const sockets = ['one', 'two'].map((name) => path.join(makeScratch(t), name));
    const served = await serve(t, { sockets, idleTimeoutMs: 500 });
    let isIdle = false;
    const idle = served.idle.then(() => (isIdle = true));
    const answer = ask(sockets[index] ?? '', 'GET', url);
    await served.arrived();
    await sleep(1_200);
    t.notOk(isIdle, url);
    served.finish();
    t.equal((await answer).status, 200);
    await idle;
  };
  await Promise.all([0, 1].flatMap((index) => [stayAwake(index, '/slow'), stayAwake(index, '/stream')]));
});

t.test('requests that follow each other keep it awake', async (t) => {
  const socket = path.join(makeScratch(t), 'one');
  const served = await serve(t, { sockets: [socket], idleTimeoutMs: 1_000 });
  let isIdle = false;
  const idle = served.idle.then(() => (isIdle = true));
  for (let times = 0; times < 25; times += 1) {
    await ask(socket, 'GET', '/hello');
    await sleep(50);
  }
  t.notOk(isIdle);
  await idle;
});

t.test('a request that trickles in keeps it awake', async (t) => {
  const socket = path.join(makeScratch(t), 'one');
  const served = await serve(t, { sockets: [socket], idleTimeoutMs: 1_000 });
  let isIdle = false;
  const idle = served.idle.then(() => (isIdle = true));
  const connection = connect(socket);
  await once(connection, 'connect');
  const answer = text(connection);
  connection.write('GET /hello HTTP/1.1\r\nHost: d\r\nConnection: close\r\nX-Long: ');
  for (let times = 0; times < 50; times += 1) {
    connection.write('x');
    await sleep(50);
  }
  t.notOk(isIdle);
  connection.write('\r\n\r\n');
  t.match(await answer, /hello$/);
  await idle;
});

t.test('it is never idle with a timeout of 0, nor after its end', async (t) => {
  const folder = makeScratch(t);
  const never = await serve(t, { sockets: [path.join(folder, 'never')], idleTimeoutMs: 0 });
  const closed = await serve(t, { sockets: [path.join(folder, 'closed')], idleTimeoutMs: 10 });
  const later = await serve(t, { sockets: [path.join(folder, 'later')], idleTimeoutMs: 2 ** 40 });
  await closed.close();
  const idle = [never, closed, later].map(async (served) => await served.idle.then(() => 'idle'));
  t.equal(await Promise.race([...idle, sleep(100, 'awake')]), 'awake');
});
