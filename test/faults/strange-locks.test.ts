import { chmodSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { shareAsReader } from '../support/lock-holder.js';
import { makePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Local users without any right to podnetd interfere with its locks and Podman's. */

const stranger = 4_242;
const skip = missing('podman', 'python3', 'ip', 'nsenter', 'unshare');

t.test(
  "a stranger's file in the place of Podman's lock is reported, and creates work after its removal",
  { skip },
  async (t) => {
    const host = await makeHost(t);
    const daemon = await startDaemon(t, { netns: host });
    const inside = async (...command: readonly [string, ...string[]]) => {
      const [file, ...args] = command;
      t.match(await host.run(file, args), { code: 0 }, command.join(' '));
    };
    const lock = '/run/lock/podman-cni.lock';
    const create = async (Name: string) => await daemon.ask('POST', '/networks/create', { Name });
    for (const [index, [what, ...make]] of (
      [
        ['a folder', 'mkdir', lock],
        ['a file', 'touch', lock],
        ['a symbolic link', 'ln', '-s', '/run/made-by-root', lock],
        ['a special file', 'mkfifo', '-m', '666', lock],
      ] as const
    ).entries()) {
      await inside(make[0] ?? '', ...make.slice(1));
      await inside('chown', '--no-dereference', String(stranger), lock);
      const refused = await create('no');
      t.equal(refused.status, 507, what);
      t.match(refused.json(), {
        message: `lock ${lock}: ${what} of uid ${stranger} is in the way of the lock, which has to be a plain file of this process's user, of root or of the folder's owner; remove it`,
      });
      t.equal((await daemon.ask('GET', '/networks')).status, 200, 'reads go on');
      t.match((await daemon.ask('GET', '/podnetd/v1/ready?exclude=plugins')).json(), {
        message: /uid 4242 is in the way/,
      });
      await inside('rm', '-r', lock);
      t.equal((await create(`made${index}`)).status, 201, 'a create works without a restart');
      await inside('test', '!', '-e', '/run/made-by-root');
      await inside('rm', lock);
    }
  },
);

t.test("podnetd closes Podman's lock file to other users, and Podman goes on with it", { skip }, async (t) => {
  const host = await makeHost(t);
  const scratch = makeScratch(t);
  chmodSync(scratch, 0o755);
  const folder = path.join(scratch, 'net.d');
  mkdirSync(folder);
  const podman = makePodman(t, { folder, netns: host });
  const byPodman = async (name: string) => t.equal((await podman.run('network', 'create', name)).code, 0, name);
  await byPodman('first');
  const lock = path.join(folder, 'cni.lock');
  t.equal(statSync(lock).mode & 0o777, 0o644, 'any user may hold a shared lock on it');
  const early = await shareAsReader(lock, stranger);
  const daemon = await startDaemon(t, { netns: host, folder, args: ['--lock-timeout', '60'] });
  const create = async (name: string) =>
    await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name, network_interface: `br-${name}` });
  const refused = await create('second');
  t.equal(refused.status, 503, 'a process that opened the file before keeps its lock');
  t.match(refused.json(), {
    message: `waited 5000 ms for ${lock}, held by process ${early.pid} (python3) of uid ${stranger}, which only reads`,
  });
  await early.release();
  t.equal((await create('second')).status, 200);
  await t.rejects(shareAsReader(lock, stranger), /Permission denied/, 'no other process can open the file');
  await byPodman('third');
  t.equal((await create('fourth')).status, 200);
  t.equal(statSync(lock).mode & 0o777, 0o600);
});
