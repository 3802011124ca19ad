import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { refused, serve } from './app.js';
import { asUser } from './as-user.js';

const isRoot = process.geteuid?.() === 0;

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
        'podnetd serves in a folder of a stranger when its parent is closed',
      );
    },
  );

  await t.test('is refused when it is a file', async (t) => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    await refused(t, [path.join(file, 'podnetd.sock')], /^\S+: E(NOTDIR|EXIST): [a-z ]+$/);
  });
});
