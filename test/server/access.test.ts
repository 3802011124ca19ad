import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { findGroupId } from '../../src/host/sockets/groups.js';
import { programCommand } from '../support/program-command.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { refused, serve } from './app.js';
import { asUser } from './as-user.js';
import { startChild } from './child.js';

const isRoot = process.geteuid?.() === 0;

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
    for (const socketGid of [undefined, group.gid]) {
      const { close } = await serve(t, { sockets: [socket], socketMode, socketGid });
      const { mode, gid } = lstatSync(socket);
      t.equal(mode & 0o7777, socketMode);
      t.equal(gid, socketGid ?? ours);
      await close();
    }
  }

  await t.test('groups are found by name or number', async (t) => {
    t.equal(await findGroupId(group.name), group.gid);
    t.equal(await findGroupId('54321'), 54_321);
    for (const none of ['no-such-group', '4294967295', '', '--help', 'root:x'])
      t.equal(await findGroupId(none), undefined, none);
  });

  await t.test('a group that the user is not in is refused', { skip: missing() }, async (t) => {
    const home = path.join(folder, 'home');
    mkdirSync(home);
    chownSync(home, 12345, 12345);
    chmodSync(folder, 0o755);
    const theirs = path.join(home, 'podnetd.sock');
    await asUser(12345, async () => {
      const reason = 'cannot be given to group 54321: EPERM: operation not permitted';
      await refused(t, [theirs], `${theirs}: ${reason}`, { socketGid: 54_321 });
    });
    t.same(readdirSync(home), []);
  });
});

t.test('no process ever sees the socket with another mode or group, even with an open umask', async (t) => {
  const folder = makeScratch(t);
  const socket = path.join(folder, 'podnetd.sock');
  const socketGid = isRoot ? 12345 : process.getegid?.();
  const observer = startChild(t, [...programCommand(path.join(import.meta.dirname, 'observer-program.ts')), folder]);
  t.equal(await observer.readLine(), 'looking');
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  for (let times = 0; times < 300; times += 1) {
    const { close } = await serve(t, { sockets: [socket], socketMode: 0o640, socketGid });
    await close();
  }
  await serve(t, { sockets: [socket], socketMode: 0o640, socketGid });
  observer.send('enough');
  const seen = JSON.parse(await observer.readLine()) as readonly string[];
  t.match(seen, [/podnetd\.sock/], 'the observer saw it');
  const expected = new Set([
    `podnetd.sock socket 640 ${socketGid}`,
    `podnetd.sock.lock file 600 ${process.getegid?.()}`,
    `.podnetd.sock folder 700 ${process.getegid?.()}`,
  ]);
  t.same(
    seen.filter((sight) => !expected.has(sight)),
    [],
  );
});
