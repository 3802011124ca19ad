import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeNetns } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';

const skip = missing('docker', 'podman', 'ip', 'nsenter');

t.test('the clients that people have look at a socket that reads, and are refused in words', { skip }, async (t) => {
  const netns = makeNetns(t);
  const folder = makeScratch(t);
  const read = path.join(folder, 'read.sock');
  const operate = path.join(folder, 'operate.sock');
  const daemon = await startDaemon(t, {
    netns,
    args: ['--listen', `unix://${read}?role=read`, '--listen', `unix://${operate}?role=operate`],
  });
  // The daemon has published all its sockets by then.
  while (daemon.log().length === 0) await sleep(10);
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'web', Labels: { team: 'x' } })).status, 201);
  const before = snapshotFolder(daemon.folder);
  const needs = (socket: string, role: string, need: string) =>
    `${socket} has the role ${role}, and this request needs the role ${need}`;

  await t.test('docker', async (t) => {
    const docker = bindDocker(t, read);
    t.match(await docker('ls', '--format', '{{.Name}}'), { code: 0, stdout: 'bridge\nweb\n' });
    t.match(await docker('inspect', '--format', '{{.Labels.team}}', 'web'), { code: 0, stdout: 'x\n' });
    for (const args of [
      ['create', 'new'],
      ['rm', 'web'],
      ['prune', '-f'],
      ['connect', 'web', 'box'],
      ['disconnect', 'web', 'box'],
    ]) {
      const need = args[0]?.endsWith('connect') === true ? 'operate' : 'admin';
      t.match(await docker(...args), { code: 1, stderr: needs(read, 'read', need) }, args.join(' '));
    }
  });

  await t.test('podman --remote', async (t) => {
    const podman = makeRemotePodman(t, read);
    t.equal(await podman.must('network', 'ls', '--format', '{{.Name}}'), 'podman\nweb\n');
    t.match(JSON.parse(await podman.must('network', 'inspect', 'web')), [{ name: 'web' }]);
    t.match(await podman.run('network', 'exists', 'web'), { code: 0 });
    for (const args of [
      ['create', 'new'],
      ['rm', 'web'],
      ['prune', '-f'],
    ])
      t.match(
        await podman.run('network', ...args),
        { code: /[^0]/, stderr: needs(read, 'read', 'admin') },
        args.join(' '),
      );
  });

  await t.test('one that operates connects, and makes no network', async (t) => {
    const docker = bindDocker(t, operate);
    t.match(await docker('create', 'new'), { code: 1, stderr: needs(operate, 'operate', 'admin') });
    t.match(
      await docker('connect', 'web', 'box'),
      { code: 1, stderr: 'box' },
      'the container is missing, not the role',
    );
    t.notMatch((await docker('connect', 'web', 'box')).stderr, /has the role/);
  });

  t.strictSame(snapshotFolder(daemon.folder), before, 'nothing changed');
});
