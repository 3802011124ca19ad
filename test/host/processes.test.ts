import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { readProcesses } from '../../src/host/processes.js';
import { makeScratch } from '../support/scratch.js';

const id = 'c0ffee7ed67a9a15c3e83a04b96a4b7ae06d7161a9586436fa94eee73dc56eed';

t.test('finds the monitor of a container while it runs', async (t) => {
  t.notOk(readProcesses().mentions(id));
  const child = spawn('sleep', ['60'], { argv0: `--id=${id}`, stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  t.ok(readProcesses().mentions(id));
  t.ok(readProcesses().mentions(id.slice(0, 12)));
  child.kill();
  await ended;
  t.notOk(readProcesses().mentions(id), 'gone with it');
});

t.test('ids of twelve characters are found anywhere, shorter ones as a whole argument or part of a path', async (t) => {
  const root = makeScratch(t);
  const add = (pid: string, args: readonly string[], cgroup: string) => {
    mkdirSync(path.join(root, pid));
    writeFileSync(path.join(root, pid, 'cmdline'), args.map((arg) => `${arg}\0`).join(''));
    writeFileSync(path.join(root, pid, 'cgroup'), cgroup);
  };
  add('1', ['/sbin/init'], '0::/init.scope\n');
  add('20', ['conmon', '-c', 'short-c1', '-n', 'c4=x'], '1:name=systemd:/libpod_parent/c2\n0::/libpod_parent/c2\n');
  add('21', [], '0::/machine.slice/libpod-abcdefabcdef0123.scope\n');
  add('self', ['by-name-only'], '0::/c9\n');
  mkdirSync(path.join(root, '22'));
  const table = readProcesses(root);
  for (const present of ['abcdefabcdef', 'abcdefabcdef0123', 'short-c1', 'c2', 'conmon'])
    t.ok(table.mentions(present), present);
  for (const absent of ['', 'c1', 'c4', 'c9', 'abcdefabcde', '1', 'name=systemd', 'abcdefabcdef01234', '\0', '\n']) {
    t.notOk(table.mentions(absent), JSON.stringify(absent));
  }
});
