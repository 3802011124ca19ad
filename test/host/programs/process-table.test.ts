import { execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { readProcesses } from '../../../src/host/programs/process-table.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const id = 'c0ffee7ed67a9a15c3e83a04b96a4b7ae06d7161a9586436fa94eee73dc56eed';

t.test('finds a running monitor of a container', async (t) => {
  t.notOk(readProcesses().mentions(id));
  const child = spawn('sleep', ['60'], { argv0: `--id=${id}`, stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  t.ok(readProcesses().mentions(id));
  t.ok(readProcesses().mentions(id.slice(0, 12)));
  child.kill();
  await ended;
  t.notOk(readProcesses().mentions(id), 'not after its end');
});

t.test('ids of twelve characters are found anywhere, shorter ones as a whole argument or part of a path', async (t) => {
  const root = makeScratch(t);
  const add = (pid: string, args: readonly string[], cgroup: string) => {
    mkdirSync(path.join(root, pid));
    writeFileSync(path.join(root, pid, 'status'), `Name:\tx\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n`);
    writeFileSync(path.join(root, pid, 'cmdline'), args.map((arg) => `${arg}\0`).join(''));
    writeFileSync(path.join(root, pid, 'cgroup'), cgroup);
  };
  add('1', ['/sbin/init'], '0::/init.scope\n');
  add('20', ['conmon', '-c', 'short-c1', '-n', 'c4=x'], '1:name=systemd:/libpod_parent/c2\n0::/libpod_parent/c2\n');
  add('21', [], '0::/machine.slice/libpod-abcdefabcdef0123.scope\n');
  add('self', ['by-name-only'], '0::/c9\n');
  mkdirSync(path.join(root, '22'));
  const table = readProcesses(root, 0);
  for (const present of ['abcdefabcdef', 'abcdefabcdef0123', 'short-c1', 'c2', 'conmon'])
    t.ok(table.mentions(present), present);
  for (const absent of ['', 'c1', 'c4', 'c9', 'abcdefabcde', '1', 'name=systemd', 'abcdefabcdef01234', '\0', '\n']) {
    t.notOk(table.mentions(absent), JSON.stringify(absent));
  }
});

/** Starts a process with `id` in its command line; it ends with the test. @returns its process id */
async function start(
  t: Test,
  options: SpawnOptions,
  file = 'sleep',
  args: readonly string[] = ['60'],
): Promise<number> {
  const child = spawn(file, args, { argv0: id, stdio: 'ignore', ...options });
  t.teardown(async () => {
    const ended = once(child, 'exit');
    if (child.kill('SIGKILL')) await ended;
  });
  await once(child, 'spawn');
  return child.pid ?? 0;
}

const stranger = 65534;
const asStranger = { uid: stranger, gid: stranger };
const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'needs root';

/** A copy of `sleep` with its own mode. @returns its path */
function copySleep(t: Test, mode: number): string {
  const folder = makeScratch(t);
  chmodSync(folder, 0o755);
  const program = path.join(folder, 'sleep');
  copyFileSync(execFileSync('sh', ['-c', 'command -v sleep']).toString().trim(), program);
  chmodSync(program, mode);
  return program;
}

t.test("other users' processes do not count", { skip }, async (t) => {
  t.test('plain ones', async (t) => {
    await start(t, asStranger);
    t.notOk(readProcesses().mentions(id));
    t.notOk(readProcesses().mentions(id.slice(0, 12)));
    t.ok(readProcesses('/proc', stranger).mentions(id), 'they count for a daemon of that user');
  });
  t.test('an undumpable one, whose folder in /proc root owns', async (t) => {
    const pid = await start(t, asStranger, copySleep(t, 0o111));
    t.equal(statSync(`/proc/${pid}/status`).uid, 0);
    t.notOk(readProcesses().mentions(id));
  });
  t.test('one of a set-user-ID program', async (t) => {
    const program = copySleep(t, 0o4755);
    await start(t, asStranger, program);
    t.notOk(readProcesses().mentions(id), 'such as passwd, which keeps the real user id');
    await start(t, {}, program);
    t.notOk(readProcesses().mentions(id), 'such as sudo, which sets all ids to root');
  });
  t.test('one of root in a container', { skip: missing('unshare') }, async (t) => {
    const options = { argv0: 'unshare', env: { ...process.env, ID: id } };
    const command = 'exec -a "$ID" sleep 60';
    await start(t, options, 'unshare', ['--pid', '--fork', '--kill-child', 'bash', '-c', command]);
    const isThere = () => execFileSync('ps', ['-eo', 'args']).toString().includes(`${id} 60`);
    for (let tries = 0; !isThere() && tries < 500; tries += 1) await sleep(10);
    t.ok(isThere());
    t.notOk(readProcesses().mentions(id));
  });
  t.test('but one of root beside them does', async (t) => {
    await start(t, asStranger);
    await start(t, {});
    t.ok(readProcesses().mentions(id));
  });
});

const groupsFolder = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((folder) =>
  existsSync(path.join(folder, 'cgroup.procs')),
);

t.test(
  'a control group counts by the user who could make it, not by its processes',
  { skip: skip || !groupsFolder },
  async (t) => {
    /** Makes nested groups, each owned by a user. @returns the folder of the innermost */
    const group = (names: readonly (readonly [name: string, uid: number])[]) => {
      let folder = path.join(groupsFolder ?? '', `podnetd-test-${process.pid}`);
      const made = [folder];
      mkdirSync(folder);
      for (const [name, uid] of names) {
        folder = path.join(folder, name);
        mkdirSync(folder);
        chownSync(folder, uid, uid);
        made.push(folder);
      }
      return { folder, remove: () => made.toReversed().forEach((each) => rmdirSync(each)) };
    };
    const cases: readonly (readonly [label: string, heard: boolean, names: readonly (readonly [string, number])[]])[] =
      [
        ['made by root', true, [[`libpod-${id}.scope`, 0]]],
        ['made by root, and owned by the root of its user namespace', true, [[`libpod-${id}.scope`, 100_000]]],
        [
          'made by root, with an inner group that the container made',
          true,
          [
            [`libpod-${id}.scope`, 0],
            ['container', stranger],
          ],
        ],
        [
          'made by a user in a part of the tree that systemd delegated',
          false,
          [
            ['user@65534.service', stranger],
            [`libpod-${id}.scope`, stranger],
          ],
        ],
      ];
    for (const [label, heard, names] of cases) {
      const { folder, remove } = group(names);
      const child = spawn('sleep', ['60'], { ...asStranger, stdio: 'ignore' });
      const ended = once(child, 'exit');
      await once(child, 'spawn');
      try {
        writeFileSync(path.join(folder, 'cgroup.procs'), String(child.pid));
        t.equal(readProcesses().mentions(id), heard, label);
      } finally {
        child.kill('SIGKILL');
        await ended;
        remove();
      }
      t.notOk(readProcesses().mentions(id), 'not after its removal');
    }
  },
);
