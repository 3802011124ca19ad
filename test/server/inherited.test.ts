import { once } from 'node:events';
import { existsSync, lstatSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ListenError } from '../../src/host/sockets/listen-error.js';
import { takeInheritedSockets } from '../../src/host/sockets/systemd.js';
import { ask } from '../support/client.js';
import { isListening } from '../support/listening.js';
import { programCommand } from '../support/program-command.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { startChild, type Child } from './child.js';

const generations = 6;

const skip = missing('systemd-socket-activate');

/** The program passes on almost no environment; this variable turns off the type check of tap's TypeScript. */
const activation = ['systemd-socket-activate', '--setenv=TS_NODE_TRANSPILE_ONLY=1'] as const;

t.test('sockets come from the environment', async (t) => {
  const LISTEN_PID = String(process.pid);
  const take = (env: NodeJS.ProcessEnv): readonly unknown[] => {
    const sockets = takeInheritedSockets(env);
    t.same(env, { PATH: '/bin' }, 'nothing is left for children');
    return sockets;
  };
  const PATH = '/bin';
  t.same(take({ PATH }), []);
  t.same(take({ PATH, LISTEN_FDS: '1', LISTEN_PID: '1', LISTEN_FDNAMES: 'a' }), [], 'meant for another process');
  t.same(take({ PATH, LISTEN_FDS: '1' }), []);
  t.same(take({ PATH, LISTEN_FDS: '0', LISTEN_PID }), []);
  t.same(take({ PATH, LISTEN_FDS: '1', LISTEN_PID }), [{ fd: 3, name: 'unknown' }]);
  t.same(take({ PATH, LISTEN_FDS: '2', LISTEN_PID, LISTEN_FDNAMES: 'a:b' }), [
    { fd: 3, name: 'a' },
    { fd: 4, name: 'b' },
  ]);
  t.same(take({ PATH, LISTEN_FDS: '2', LISTEN_PID, LISTEN_FDNAMES: 'a', LISTEN_PIDFDID: '7' }), [
    { fd: 3, name: 'a' },
    { fd: 4, name: 'unknown' },
  ]);
  for (const LISTEN_FDS of ['', '-1', 'x', '1e3', '99999']) {
    t.throws(() => takeInheritedSockets({ LISTEN_FDS, LISTEN_PID }), {
      constructor: ListenError,
      message: `LISTEN_FDS=${LISTEN_FDS}: not a number of sockets`,
    });
  }
});

t.test('two inherited sockets replace the sockets of the options', { skip }, async (t) => {
  const folder = makeScratch(t);
  const [one, two, own] = ['one', 'two', 'own'].map((name) => path.join(folder, name)) as [string, string, string];
  const child = activate(t, [`--listen=${one}`, `--listen=${two}`, '--fdname=a:b'], { sockets: [own] });
  await listening(two);
  const inodes = [one, two].map((socket) => lstatSync(socket).ino);
  const pid = ask(two, 'GET', '/pid');
  t.equal(await child.readLine(), 'loaded');
  t.equal(await child.readLine(), `listening ${one} ${two}`);
  t.equal((await pid).text, String(child.process.pid));
  t.equal((await ask(one, 'GET', '/pid')).text, String(child.process.pid));
  t.notOk(existsSync(own));

  const descriptors = (await ask(one, 'GET', '/child')).text.trim().split('\n');
  t.same(descriptors, ['0', '1', '2', '3'], 'a child has no variable, and no descriptor but ls its own');

  child.process.kill('SIGTERM');
  t.equal(await child.readLine(), 'closed');
  t.match(await child.ended(), { code: 0 });
  t.same(
    [one, two].map((socket) => lstatSync(socket).ino),
    inodes,
    'podnetd leaves inherited sockets in place',
  );
});

t.test('a descriptor that is no listening Unix stream socket is refused', { skip }, async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'socket');

  await t.test('TCP', async (t) => {
    const port = await findFreePort();
    const child = activate(t, [`--listen=127.0.0.1:${port}`, '--fdname=tcp']);
    const client = await connectInTime(port);
    t.teardown(() => client.destroy());
    await refused(t, child, 'inherited socket tcp (descriptor 3): not a Unix socket');
  });

  await t.test('a datagram socket', async (t) => {
    const child = activate(t, ['--datagram', `--listen=${socket}-gram`]);
    while (!existsSync(`${socket}-gram`)) await sleep(10);
    // Node cannot send datagrams to a Unix socket, so a program for service managers sends one.
    startChild(t, ['systemd-notify', '--no-block', '--ready'], { NOTIFY_SOCKET: `${socket}-gram` });
    await refused(t, child, 'inherited socket unknown (descriptor 3): not a stream socket; use ListenStream=');
  });

  await t.test('a connection', async (t) => {
    const child = activate(t, ['--accept', `--listen=${socket}-accept`]);
    await listening(`${socket}-accept`);
    const client = connect(`${socket}-accept`).on('error', () => undefined);
    t.teardown(() => client.destroy());
    await refused(t, child, 'inherited socket unknown (descriptor 3): not a listening socket; use Accept=no');
  });

  await t.test('no socket at all', async (t) => {
    const script = 'exec 3</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';
    const child = startChild(t, [
      'sh',
      '-c',
      script,
      'sh',
      ...programCommand(path.join(import.meta.dirname, 'server-program.ts')),
    ]);
    await refused(t, child, 'inherited socket unknown (descriptor 3): not a socket');
  });
});

t.test('over many idle ends and new starts no request is lost', { skip }, async (t) => {
  const socket = path.join(makeScratch(t), 'socket');
  // The shell is the service manager here: it keeps the socket, and starts the next process when one has ended.
  const script = 'while :; do sh -c \'LISTEN_PID=$$ exec "$@"\' sh "$@"; done';
  const command = [
    ...programCommand(path.join(import.meta.dirname, 'server-program.ts')),
    JSON.stringify({ idleTimeoutMs: 1 }),
  ];
  const child = startChild(t, [...activation, `--listen=${socket}`, 'sh', '-c', script, 'sh', ...command]);
  await listening(socket);
  const pids = new Set<string>();
  let isOver = false;
  const clients = Array.from({ length: 4 }, async (_, client) => {
    for (let times = 0; !isOver; times += 1) {
      const { status, text } = await ask(socket, 'GET', '/pid');
      t.equal(status, 200);
      pids.add(text);
      // Waits 0 to 4 ms, so that requests meet every stage of the end.
      await sleep((times + client) % 5);
      if (pids.size >= generations) isOver = true;
    }
  });
  await Promise.all(clients);
  child.process.kill('SIGTERM');
  t.ok(pids.size >= generations);
});

function activate(t: Test, args: readonly string[], options: unknown = {}): Child {
  return startChild(t, [
    ...activation,
    ...args,
    ...programCommand(path.join(import.meta.dirname, 'server-program.ts')),
    JSON.stringify(options),
  ]);
}

async function refused(t: Test, child: Child, reason: string): Promise<void> {
  t.equal(await child.readLine(), 'loaded');
  t.equal(await child.readLine(), `refused ${reason}`);
}

async function listening(socket: string): Promise<void> {
  while (!isListening(socket)) await sleep(10);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function connectInTime(port: number): Promise<Socket> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket.on('error', () => undefined);
    } catch {
      await sleep(10);
    }
  }
}
