import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { run, type RunOptions } from '../../../src/host/programs/run.js';
import { makeScratch } from '../../support/scratch.js';

const limits: RunOptions = { timeoutMs: 20_000, maxOutputBytes: 1_000_000 };
const shell = async (script: string, options: Partial<RunOptions> = {}) =>
  await run('sh', ['-c', script], { ...limits, ...options });

t.test('a program ends by itself', async (t) => {
  t.match(await shell('cat; echo "$MARK" >&2', { stdin: 'given', env: { MARK: 'm' } }), {
    kind: 'ended',
    exitCode: 0,
    stdout: 'given',
    stderr: 'm\n',
  });
  t.match(await shell('exit 3'), { kind: 'ended', exitCode: 3 });
  t.match(await shell('kill -SEGV $$'), { kind: 'ended', exitCode: null, signal: 'SIGSEGV' });
  t.match(await shell('exec 0<&-; exit 0', { stdin: 'x'.repeat(1_000_000) }), { kind: 'ended', exitCode: 0 });
});

t.test('a program that cannot be started differs from one that fails', async (t) => {
  t.match(await run('/nonexistent/program', [], limits), { kind: 'notStarted', code: 'ENOENT' });
  t.match(await run('/etc/passwd', [], limits), { kind: 'notStarted', code: 'EACCES' });
  t.match(await run('a\0b', [], limits), { kind: 'notStarted' });
});

t.test('a program past its deadline is killed with its children', async (t) => {
  const pidFile = path.join(makeScratch(t), 'pid');
  const outcome = await shell(`sleep 600 & echo $! >${pidFile}; echo early; wait`, { timeoutMs: 500 });
  t.match(outcome, { kind: 'killed', cause: 'deadline', stdout: 'early\n' });
  const child = Number(readFileSync(pidFile, 'utf8'));
  t.ok(await hasEnded(child));
});

t.test('a program that prints too much is killed', async (t) => {
  const outcome = await shell('yes', { maxOutputBytes: 10_000 });
  t.match(outcome, { kind: 'killed', cause: 'output' });
  if (outcome.kind === 'killed') t.equal(outcome.stdout.length, 10_000);
  const quiet = await shell('yes | head -c 100000 >&2; echo done', { maxOutputBytes: 10_000 });
  t.match(quiet, { kind: 'ended', stdout: 'done\n' });
});

t.test('an abort signal ends a program', async (t) => {
  const controller = new AbortController();
  const running = shell('sleep 600', { signal: controller.signal });
  controller.abort();
  t.match(await running, { kind: 'killed', cause: 'signal' });
  t.match(await shell('sleep 600', { signal: controller.signal }), { kind: 'killed', cause: 'signal' });
});

t.test('a daemon that keeps the pipes open does not block the caller', async (t) => {
  const pidFile = path.join(makeScratch(t), 'pid');
  t.match(await shell(`setsid sleep 600 & echo $! >${pidFile}; echo result`), { kind: 'ended', stdout: 'result\n' });
  process.kill(Number(readFileSync(pidFile, 'utf8')));
});

/** Whether a process ends soon. A zombie counts as ended, because init may reap it late. */
async function hasEnded(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 1000; tries += 1) {
    try {
      if (/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await sleep(10);
  }
  return false;
}
