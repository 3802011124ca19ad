import { execFileSync, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ask } from '../support/client.js';
import { daemonScript } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';

/** The longest URL that a log line shows: some dozens fill the kernel's buffer, a thousand more fill podnetd's. */
const longQuery = 'x'.repeat(1_000);
const enough = 1_500;

/** Starts the daemon with standard streams of the test's choice. */
async function startWith(t: Test, stdio: StdioOptions) {
  const scratch = makeScratch(t);
  const socket = path.join(scratch, 'podnetd.sock');
  const conf = path.join(scratch, 'containers.conf');
  writeFileSync(conf, '');
  const flags = ['--listen', socket, '--cni-config-dir', path.join(scratch, 'net.d')];
  const child = spawn(process.execPath, [daemonScript, ...flags, '--cni-cache-dir', path.join(scratch, 'cni')], {
    env: { ...process.env, CONTAINERS_CONF: conf },
    stdio,
  });
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for (let tries = 0; !existsSync(socket); tries += 1) {
    if (child.exitCode !== null || tries > 1_000) throw new Error(`the daemon did not start: ${errors}`);
    await sleep(10);
  }
  return {
    child,
    errors: () => errors,
    ask: async (url: string) => (await ask(socket, 'GET', url)).status,
    stop: async () => {
      child.kill('SIGTERM');
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

type Started = Awaited<ReturnType<typeof startWith>>;

/** Asserts that the daemon answers requests though their log lines are not read. */
async function flood(t: Test, daemon: Started): Promise<void> {
  for (let count = 0; count < enough; count += 1) {
    if ((await daemon.ask(`/_ping?${longQuery}`)) !== 200) return void t.fail('not answered');
  }
  t.pass('every request is answered');
}

/** Asserts that lines came whole, and that one line has the exact count of the missing ones. */
function checkLines(t: Test, text: string): void {
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { msg: string; lines?: number });
  const dropped = lines.filter(({ msg }) => msg === 'log lines were dropped: their reader did not take them');
  const requests = lines.filter(({ msg }) => msg === 'request');
  t.equal(dropped.length, 1, 'a gap is logged once');
  t.ok((dropped[0]?.lines ?? 0) > 0);
  t.equal(requests.length + (dropped[0]?.lines ?? 0), enough + 1, 'every line was written or counted');
  t.equal(lines.at(-1)?.msg, 'stopping');
}

t.test('a stalled reader of a pipe stops nothing, and later gets the count of the lines that it missed', async (t) => {
  const fifo = path.join(makeScratch(t), 'log');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  t.teardown(() => closeSync(reader));
  const daemon = await startWith(t, ['ignore', writer, 'pipe']);
  closeSync(writer);
  await flood(t, daemon);

  let text = '';
  const buffer = Buffer.alloc(65_536);
  const read = () => {
    try {
      const bytes = readSync(reader, buffer);
      text += buffer.toString('utf8', 0, bytes);
      return bytes;
    } catch {
      return 0;
    }
  };
  for (let tries = 0; !text.includes('were dropped') && tries < 1_000; tries += 1) if (read() === 0) await sleep(10);
  t.equal(await daemon.ask('/_ping'), 200);
  t.equal(await daemon.stop(), 0);
  while (read() > 0);
  checkLines(t, text);
});

t.test('a stalled reader of a socket, as of the journal, gets the same', async (t) => {
  const daemon = await startWith(t, ['ignore', 'pipe', 'pipe']);
  await flood(t, daemon);
  let text = '';
  daemon.child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  for (let tries = 0; !text.includes('were dropped') && tries < 1_000; tries += 1) await sleep(10);
  t.equal(await daemon.ask('/_ping'), 200);
  t.equal(await daemon.stop(), 0);
  checkLines(t, text);
});

t.test('a reader that never comes back does not keep the daemon from ending', async (t) => {
  const daemon = await startWith(t, ['ignore', 'pipe', 'pipe']);
  await flood(t, daemon);
  t.equal(await daemon.stop(), 0);
});

t.test('a full disk under the log is one line on standard error, and the daemon goes on', async (t) => {
  const full = openSync('/dev/full', 'w');
  const daemon = await startWith(t, ['ignore', full, 'pipe']);
  closeSync(full);
  await flood(t, daemon);
  t.equal(await daemon.stop(), 0);
  t.equal(
    daemon.errors(),
    'podnetd: the log cannot be written: ENOSPC: no space left on device; lines are dropped until it can\n',
  );
});

t.test('a reader that has gone is one line on standard error, and the daemon goes on', async (t) => {
  const daemon = await startWith(t, ['ignore', 'pipe', 'pipe']);
  daemon.child.stdout?.destroy();
  await flood(t, daemon);
  t.equal(await daemon.stop(), 0);
  t.equal(daemon.errors(), 'podnetd: the log cannot be written: EPIPE: broken pipe; lines are dropped until it can\n');
});

t.test('output that cannot be printed leaves a line on standard error and the right exit code', async (t) => {
  const run = (args: string) => spawnSync('sh', ['-c', `"${process.execPath}" "${daemonScript}" ${args}`]);
  for (const flag of ['--version', '--help']) {
    const { status, stderr } = run(`${flag} > /dev/full`);
    t.equal(status, 1);
    t.equal(stderr.toString(), 'podnetd: standard output: ENOSPC: no space left on device\n');
  }
  t.equal(run('--nonsense 2> /dev/full').status, 2);
  t.equal(run('--nonsense 2>&- >&-').status, 2);
});
