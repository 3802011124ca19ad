import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ListenError } from '../../src/host/listen-error.js';
import { ask } from '../support/client.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { serve } from './app.js';
import { programCommand, startChild } from './child.js';
import { leaveDeadSocket } from './leftovers.js';

const isRoot = process.geteuid?.() === 0;

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

t.test('several sockets, one of them named twice', async (t) => {
  const folder = makeScratch(t);
  const sockets = ['one', 'two', 'deeper/three'].map((name) => path.join(folder, name));
  const { addresses, close } = await serve(t, { sockets: [...sockets, path.join(folder, '.', 'one')] });
  t.same(addresses, sockets);
  for (const socket of sockets) t.equal((await ask(socket, 'GET', '/hello')).text, 'hello', socket);
  await close();
  for (const socket of sockets) t.notOk(existsSync(socket));
});

t.test('when one of several is refused none stays', async (t) => {
  const folder = makeScratch(t);
  const file = path.join(folder, 'file');
  writeFileSync(file, 'precious');
  await refused(t, [path.join(folder, 'one'), file], `${file}: exists and is not a socket`);
  t.same(readdirSync(folder), ['file']);
});

t.test('no socket at all is refused', async (t) => {
  await refused(t, [], 'no socket to listen on');
});

t.test('what a dead process left is replaced', async (t) => {
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

t.test('what is not a socket is refused and left alone', async (t) => {
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

t.test('its folder', async (t) => {
  const folder = makeScratch(t);

  await t.test('is made with its parents, whatever the umask', async (t) => {
    const socket = path.join(folder, 'made', 'too', 'podnetd.sock');
    const before = process.umask(0o077);
    t.teardown(() => process.umask(before));
    await serve(t, { sockets: [socket] });
    for (const made of ['made', 'made/too']) {
      t.equal(statSync(path.join(folder, made)).mode & 0o7777, isRoot ? 0o755 : 0o700, made);
    }
  });

  await t.test('is closed to others when a user makes it', { skip: missing() }, async (t) => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    chownSync(home, 12345, 12345);
    chmodSync(folder, 0o755);
    await asUser(12345, async () => {
      const { close } = await serve(t, { sockets: [path.join(home, 'made', 'podnetd.sock')] });
      t.equal(statSync(path.join(home, 'made')).mode & 0o7777, 0o700);
      await close();
    });
  });

  await t.test(
    'is refused under a folder that is open to all when a stranger owns it',
    { skip: missing() },
    async (t) => {
      const open = path.join(folder, 'open');
      const strange = path.join(open, 'strange');
      mkdirSync(path.join(strange, 'in'), { recursive: true });
      const link = path.join(open, 'link');
      symlinkSync(folder, link);
      chmodSync(open, 0o1777);
      for (const each of [strange, link]) lchownSync(each, 12345, 12345);
      const reason = 'belongs to another user (uid 12345) and lies in a folder that everyone may write to';
      await refused(t, [path.join(strange, 'podnetd.sock')], `${strange}: ${reason}`);
      await refused(t, [path.join(strange, 'in', 'podnetd.sock')], `${strange}: ${reason}`);
      await refused(t, [path.join(link, 'podnetd.sock')], `${link}: ${reason}`);
      t.same(readdirSync(strange), ['in']);
      chmodSync(open, 0o755);
      await t.resolves(
        serve(t, { sockets: [path.join(strange, 'podnetd.sock')] }),
        'a closed folder is its owner’s affair',
      );
    },
  );

  await t.test('that is a file is told', async (t) => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    await refused(t, [path.join(file, 'podnetd.sock')], /^\S+: E(NOTDIR|EXIST): [a-z ]+$/);
  });
});

t.test('mode and group', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const groups = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , gid]) => ({ name, gid: Number(gid) }));
  const ours = process.getegid?.() ?? 0;
  const group = groups.find(({ gid }) => (isRoot ? gid !== ours && gid > 0 : gid === ours));
  if (group === undefined) throw new Error('this machine has no other group');

  for (const socketMode of [0o600, 0o660, 0o666]) {
    for (const socketGroup of [undefined, group.name, String(group.gid)]) {
      const { close } = await serve(t, { sockets: [socket], socketMode, socketGroup });
      const { mode, gid } = lstatSync(socket);
      t.equal(mode & 0o7777, socketMode);
      t.equal(gid, socketGroup === undefined ? ours : group.gid, `group ${socketGroup}`);
      await close();
    }
  }

  await t.test('an unknown group is refused', async (t) => {
    for (const socketGroup of ['no-such-group', '4294967295', '', '--help', 'root:x']) {
      await refused(t, [socket], `socket group ${socketGroup}: no such group`, { socketGroup });
    }
    t.same(readdirSync(folder), []);
  });

  await t.test('a group that the user is not in is refused', { skip: missing() }, async (t) => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    chownSync(home, 12345, 12345);
    chmodSync(folder, 0o755);
    const theirs = path.join(home, 'podnetd.sock');
    await asUser(12345, async () => {
      const reason = 'cannot be given to group 54321: EPERM: operation not permitted';
      await refused(t, [theirs], `${theirs}: ${reason}`, { socketGroup: '54321' });
    });
    t.same(readdirSync(home), []);
  });
});

t.test('nobody ever sees it with another mode or group, even with an open umask', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const socketGroup = isRoot ? 12345 : process.getegid?.();
  const observer = startChild(t, [...programCommand('observer-program.ts'), folder]);
  t.equal(await observer.readLine(), 'looking');
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  for (let times = 0; times < 300; times += 1) {
    const { close } = await serve(t, { sockets: [socket], socketMode: 0o640, socketGroup: String(socketGroup) });
    await close();
  }
  await serve(t, { sockets: [socket], socketMode: 0o640, socketGroup: String(socketGroup) });
  observer.tell('enough');
  const seen = JSON.parse(await observer.readLine()) as readonly string[];
  t.match(seen, [/podnetd\.sock/], 'the observer saw it');
  const expected = new Set([
    `podnetd.sock socket 640 ${socketGroup}`,
    `podnetd.sock.lock file 600 ${process.getegid?.()}`,
    `.podnetd.sock folder 700 ${process.getegid?.()}`,
  ]);
  t.same(
    seen.filter((sight) => !expected.has(sight)),
    [],
  );
});

t.test('at its end it leaves what others put in its place', async (t) => {
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

t.test('at its end it does without what others took away', async (t) => {
  const socket = path.join(makeScratch(t), 'gone', 'podnetd.sock');
  const { close, warnings } = await serve(t, { sockets: [socket] });
  unlinkSync(socket);
  unlinkSync(`${socket}.lock`);
  await close();
  t.same(warnings, []);
  t.same(readdirSync(path.dirname(socket)), []);
});

t.test('the next one may come while the last one still answers', async (t) => {
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

t.test('the next one may start in the very moment in which the last one ends', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const last = await serve(t, { sockets: [socket] });
  const closed = last.close();
  await serve(t, { sockets: [socket, ...(await leaveManyDeadSockets(folder))] });
  t.equal((await ask(socket, 'GET', '/hello')).text, 'hello');
  await closed;
});

t.test('what others put there in the last moment is left alone', async (t) => {
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

/** To find each of them dead takes a round of the event loop, so that a start has many moments between its first step and its last. */
async function leaveManyDeadSockets(folder: string): Promise<readonly string[]> {
  const sockets = Array.from({ length: 50 }, (_, index) => path.join(folder, `dead-${index}`));
  await Promise.all(sockets.map(leaveDeadSocket));
  return sockets;
}

async function refused(
  t: Test,
  sockets: readonly string[],
  message: string | RegExp,
  options: { readonly socketGroup?: string } = {},
): Promise<void> {
  await t.rejects(serve(t, { sockets, ...options }), { constructor: ListenError, message });
}

/** Runs with the effective user and group `id`, and no other rights. */
async function asUser(id: number, run: () => Promise<void>): Promise<void> {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(id);
  process.seteuid?.(id);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

async function appeared(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(10);
}
