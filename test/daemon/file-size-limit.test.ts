import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** `RLIMIT_FSIZE`: a write beyond the limit fails, and the kernel sends SIGXFSZ, which ends a process that neither ignores nor catches it. */
const limitBytes = 16_384;
const prlimit = ['prlimit', `--fsize=${limitBytes}`];
const skip = missing('prlimit');

t.test('a file beyond the limit fails its request and no other', { skip }, async (t) => {
  const daemon = await startDaemon(t, { prefix: prlimit });
  const create = async (Name: string, label: string) =>
    await daemon.ask('POST', '/networks/create', { Name, Labels: { label } });
  for (let round = 0; round < 3; round += 1) {
    const answer = await create('large', 'x'.repeat(limitBytes));
    t.equal(answer.status, 507, answer.text);
    t.match(answer.json(), { message: /large\.conflist: EFBIG: file too large/ });
    t.equal((await create(`small${round}`, 'x')).status, 201);
  }
  t.same(readdirSync(daemon.folder).toSorted(), ['cni.lock', ...[0, 1, 2].map((round) => `small${round}.conflist`)]);
  t.equal(await daemon.stop(), 0);
});

t.test('a log that has reached the limit ends nothing', { skip }, async (t) => {
  const scratch = makeScratch(t);
  const at = (name: string) => path.join(scratch, name);
  writeFileSync(at('containers.conf'), '');
  const [log, errors] = [openSync(at('log'), 'w'), openSync(at('errors'), 'w')];
  const places = ['--listen', at('podnetd.sock'), '--cni-config-dir', at('net.d'), '--cni-cache-dir', at('cni')];
  const [program = '', ...args] = [...prlimit, process.execPath, daemonScript, ...places];
  const child = spawn(program, args, {
    env: { ...process.env, CONTAINERS_CONF: at('containers.conf') },
    stdio: ['ignore', log, errors],
  });
  for (const fd of [log, errors]) closeSync(fd);
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for (let tries = 0; !existsSync(at('podnetd.sock')) && tries < 1_000; tries += 1) await sleep(10);
  const query = 'x'.repeat(4_096);
  for (let count = 0; count < 50; count += 1) {
    const { status } = await ask(at('podnetd.sock'), 'GET', `/_ping?${query}`);
    if (status !== 200) t.fail(`request ${count}`);
  }
  t.equal(statSync(at('log')).size, limitBytes, 'the log is full');
  t.match(readFileSync(at('errors'), 'utf8'), /^podnetd: the log cannot be written: EFBIG: file too large; .*\n$/);
  child.kill('SIGTERM');
  t.same(await ended, [0, null]);
});
