import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { accepts } from '../support/accepts.js';
import { ask } from '../support/client.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { serve } from './app.js';

/** The name of a listening socket is deleted, or given to another socket. */

async function waitFor(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await isSo()) return true;
    await sleep(10);
  }
  return false;
}

const gone = 'clients do not find the socket: its name is gone';
const anew = 'the socket was made anew';

t.test('a socket without its name is made anew, each time', async (t) => {
  const folder = path.join(makeScratch(t), 'deeper');
  const [one, two] = ['one', 'two'].map((name) => path.join(folder, name)) as [string, string];
  const { arrived, close, finish, problem, warnings } = await serve(t, { sockets: [one, two], socketMode: 0o600 });
  const slow = ask(one, 'GET', '/slow');
  await arrived();
  const losses: readonly (() => void)[] = [
    () => unlinkSync(one),
    () => renameSync(two, `${two}-aside`),
    () => {
      for (const socket of [one, two]) unlinkSync(socket);
    },
    () => rmSync(folder, { recursive: true }),
    () => renameSync(folder, `${folder}-aside`),
  ];
  for (const [index, lose] of losses.entries()) {
    lose();
    for (const socket of [one, two]) {
      t.ok(await waitFor(async () => await accepts(socket)), `${index}: ${socket}`);
      t.equal((await ask(socket, 'GET', '/hello')).text, 'hello');
      t.equal(statSync(socket).mode & 0o777, 0o600);
    }
    t.equal(problem(), undefined);
  }
  t.same([...new Set(warnings)].toSorted(), [gone, anew]);
  finish();
  t.equal((await slow).text, 'slow', 'a client that came by the old name is answered');
  await close();
  for (const name of [one, two, `${one}.lock`, `${two}.lock`]) t.notOk(existsSync(name), name);
});

async function listenAt(t: Test, socket: string): Promise<Server> {
  const server = createServer((connection) => connection.on('error', () => undefined).end('another')).listen(socket);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server;
}

t.test('a socket that listens under the name is left alone until it goes', async (t) => {
  const daemon = await startDaemon(t);
  const { socket } = daemon;
  const second = `${socket}-second`;
  const another = `${socket}-another`;
  linkSync(socket, second);
  const server = await listenAt(t, another);
  const ready = async (by: string) => await ask(by, 'GET', '/podnetd/v1/ready?exclude=plugins');
  t.equal((await ready(second)).status, 200);
  renameSync(another, socket);
  t.ok(await waitFor(() => daemon.log().some(({ msg }) => String(msg).startsWith('the socket cannot be made anew'))));
  const refused = await ready(second);
  t.equal(refused.status, 503);
  const message = `not ready: socket: ${socket}: another socket of uid ${process.getuid?.()} has its name; podnetd makes a new one as soon as nothing else has the name`;
  t.match(refused.json(), { message });
  t.equal((await ask(second, 'GET', '/podnetd/v1/ready?exclude=plugins,socket')).status, 200);
  t.ok(await accepts(socket), 'the other socket goes on');
  // The refused request is a warning too.
  const warned = daemon.log().filter(({ level, msg }) => level === 40 && msg !== 'request');
  t.match(warned, [
    { socket, msg: `clients do not find the socket: another socket of uid ${process.getuid?.()} has its name` },
    { socket, msg: `the socket cannot be made anew: ${socket}: another process is listening on this socket` },
  ]);
  t.equal(warned.length, 2, 'each warning is logged once');
  unlinkSync(socket);
  t.ok(await waitFor(() => daemon.log().some(({ msg }) => msg === anew)));
  t.equal((await ready(socket)).status, 200);
  server.close();
  t.equal(await daemon.stop(), 0);
  t.notOk(existsSync(socket));
});

t.test(
  "podnetd reports the loss of a service manager's socket, and does not make it anew",
  { skip: missing('systemd-socket-activate') },
  async (t) => {
    const scratch = makeScratch(t);
    const [socket, second, conf] = ['podnetd.sock', 'second', 'containers.conf'].map((name) =>
      path.join(scratch, name),
    ) as [string, string, string];
    writeFileSync(conf, '');
    const places = [`--cni-config-dir=${path.join(scratch, 'net.d')}`, `--cni-cache-dir=${path.join(scratch, 'cni')}`];
    const args = [`--listen=${socket}`, `--setenv=CONTAINERS_CONF=${conf}`, process.execPath, daemonScript, ...places];
    const manager = spawn('systemd-socket-activate', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    manager.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    t.teardown(() => manager.kill('SIGKILL'));
    t.ok(await waitFor(() => existsSync(socket)));
    const ready = async (by: string) => await ask(by, 'GET', '/podnetd/v1/ready?exclude=plugins');
    t.equal((await ready(socket)).status, 200);
    linkSync(socket, second);
    unlinkSync(socket);
    t.ok(await waitFor(() => output.includes(gone)));
    const { status, json } = await ready(second);
    t.equal(status, 503);
    const message = `not ready: socket: ${socket}: its name is gone; restart the unit that made it, such as podnetd.socket`;
    t.match(json(), { message });
    t.notOk(existsSync(socket));
  },
);
