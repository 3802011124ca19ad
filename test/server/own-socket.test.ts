import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { refused, serve } from './app.js';
import { startChild } from './child.js';
import { leaveDeadSocket } from './leftovers.js';

t.test('a socket of its own', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const { addresses, close } = await serve(t, { sockets: [socket] });
  t.same(addresses, [socket]);
  t.equal((await ask(socket, 'GET', '/hello')).text, 'hello');
  t.same(readdirSync(folder).toSorted(), ['podnetd.sock', 'podnetd.sock.lock'], 'no temporary name stays');
  await close();
  t.same(readdirSync(folder), [], 'nothing is left');
});

t.test('several sockets, one of them given twice', async (t) => {
  const folder = makeScratch(t);
  const sockets = ['one', 'two', 'deeper/three'].map((name) => path.join(folder, name));
  const { addresses, close } = await serve(t, { sockets: [...sockets, path.join(folder, '.', 'one')] });
  t.same(addresses, sockets);
  for (const socket of sockets) t.equal((await ask(socket, 'GET', '/hello')).text, 'hello', socket);
  await close();
  for (const socket of sockets) t.notOk(existsSync(socket));
});

t.test('when one of several sockets is refused, none stays', async (t) => {
  const folder = makeScratch(t);
  const file = path.join(folder, 'file');
  writeFileSync(file, 'precious');
  await refused(t, [path.join(folder, 'one'), file], `${file}: exists and is not a socket`);
  t.same(readdirSync(folder), ['file']);
});

t.test('no socket at all is refused', async (t) => {
  await refused(t, [], 'no socket to listen on');
});

t.test('leftovers of a dead process are replaced', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  await leaveDeadSocket(socket);
  const dead = lstatSync(socket);
  writeFileSync(`${socket}.lock`, '');
  mkdirSync(path.join(folder, '.podnetd.sock'));
  await leaveDeadSocket(path.join(folder, '.podnetd.sock', 'abcdef'));
  const { close } = await serve(t, { sockets: [socket] });
  t.not(lstatSync(socket).ctimeMs, dead.ctimeMs);
  t.equal((await ask(socket, 'GET', '/hello')).text, 'hello');
  await close();
  t.same(readdirSync(folder), []);
});

t.test('a socket that answers is refused and goes on answering', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const another = `${socket}: another process is listening on this socket`;

  await t.test('of a stranger', async (t) => {
    const stranger = createServer((connection) => connection.end('stranger')).listen(socket);
    await once(stranger, 'listening');
    await refused(t, [socket], another);
    t.same(readdirSync(folder), ['podnetd.sock']);
    stranger.close();
    await once(stranger, 'close');
  });

  await t.test('of podnetd', async (t) => {
    await serve(t, { sockets: [socket] });
    await refused(t, [socket], another);
    t.equal((await ask(socket, 'GET', '/hello')).text, 'hello');
  });

  await t.test('of datagrams', { skip: missing('systemd-socket-activate') }, async (t) => {
    startChild(t, ['systemd-socket-activate', '--datagram', '--listen', socket, 'true']);
    await appeared(socket);
    await refused(t, [socket], another);
    t.ok(existsSync(socket));
  });
});

t.test('a file that is no socket is refused and left alone', async (t) => {
  const folder = makeScratch(t);
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('file'), 'precious');
  mkdirSync(at('folder'));
  symlinkSync(at('nowhere'), at('dangling'));
  await serve(t, { sockets: [at('live')] });
  symlinkSync(at('live'), at('link'));
  for (const name of ['file', 'folder', 'dangling', 'link']) {
    const before = lstatSync(at(name));
    await refused(t, [at(name)], `${at(name)}: exists and is not a socket`);
    t.match(lstatSync(at(name)), { ino: before.ino, ctimeMs: before.ctimeMs, mode: before.mode });
  }
  t.equal(readFileSync(at('file'), 'utf8'), 'precious');
});

t.test('a path that no socket address can hold is refused', async (t) => {
  const folder = makeScratch(t);
  const longest = path.join(folder, 'x'.repeat(107 - `${folder}/./123456`.length));
  await t.resolves((await serve(t, { sockets: [longest] })).close());
  await refused(t, [`${longest}y`], `${longest}y: too long for a socket by 1 bytes`);
  t.same(readdirSync(folder), []);
});

t.test('at its end podnetd leaves a socket that another process put in its place', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const { close, warnings } = await serve(t, { sockets: [socket] });
  unlinkSync(socket);
  const stranger = createServer().listen(`${socket}-new`);
  await once(stranger, 'listening');
  linkSync(`${socket}-new`, socket);
  await close();
  t.ok(lstatSync(socket).isSocket());
  t.same(warnings, []);
  stranger.close();
  await once(stranger, 'close');
});

t.test('at its end podnetd does not miss files that another process removed', async (t) => {
  const socket = path.join(makeScratch(t), 'gone', 'podnetd.sock');
  const { close, warnings } = await serve(t, { sockets: [socket] });
  unlinkSync(socket);
  unlinkSync(`${socket}.lock`);
  await close();
  t.same(warnings, []);
  t.same(readdirSync(path.dirname(socket)), []);
});

t.test('the next podnetd may start while the last one still answers', async (t) => {
  const socket = path.join(makeScratch(t), 'podnetd.sock');
  const last = await serve(t, { sockets: [socket] });
  const answer = ask(socket, 'GET', '/slow');
  await last.arrived();
  const closed = last.close();
  const next = await serve(t, { sockets: [socket] });
  last.finish();
  t.equal((await answer).text, 'slow');
  await closed;
  t.equal((await ask(socket, 'GET', '/hello')).text, 'hello', 'the end of the last one takes nothing from the next');
  await next.close();
});

t.test('the next podnetd may start in the moment in which the last one ends', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const last = await serve(t, { sockets: [socket] });
  const closed = last.close();
  await serve(t, { sockets: [socket, ...(await leaveManyDeadSockets(folder))] });
  t.equal((await ask(socket, 'GET', '/hello')).text, 'hello');
  await closed;
});

t.test('a file that appears at the last moment is left alone', async (t) => {
  for (const isReplaced of [false, true]) {
    const folder = makeScratch(t);
    const socket = path.join(folder, 'podnetd.sock');
    const others = await leaveManyDeadSockets(folder);
    if (isReplaced) await leaveDeadSocket(socket);
    const attempt = refused(t, [socket, ...others], `${socket}: EEXIST: file already exists`);
    while (!existsSync(path.join(folder, '.podnetd.sock'))) await nextTurn();
    if (isReplaced) unlinkSync(socket);
    writeFileSync(socket, 'precious');
    await attempt;
    t.equal(readFileSync(socket, 'utf8'), 'precious');
  }
});

/** podnetd needs a round of the event loop to find each of them dead, so a start has many moments between its first and last step. */
async function leaveManyDeadSockets(folder: string): Promise<readonly string[]> {
  const sockets = Array.from({ length: 50 }, (_, index) => path.join(folder, `dead-${index}`));
  await Promise.all(sockets.map(leaveDeadSocket));
  return sockets;
}

async function appeared(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(10);
}
