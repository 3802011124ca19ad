import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { makePretty } from '../../src/host/own-process/pretty-lines.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** JSON lines for programs, readable lines for people. */

const preload = path.resolve(import.meta.dirname, '../support/loaded-modules.cjs');

/** What a daemon shows on a terminal, from its start to its end. */
function showOnTerminal(t: Test, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const scratch = makeScratch(t);
  const places = `--listen ${scratch}/s --cni-config-dir ${scratch}/net.d --cni-cache-dir ${scratch}/cni`;
  const ping = `timeout 20 sh -c 'until [ -S ${scratch}/s ]; do sleep 0.1; done'; curl -s --unix-socket ${scratch}/s http://d/_ping`;
  const daemon = `exec "${process.execPath}" "${daemonScript}" ${places} ${args.join(' ')}`;
  const script = `(${ping}; kill $(cat ${scratch}/pid)) >/dev/null & echo $$ >${scratch}/pid; ${daemon}`;
  const { stdout } = spawnSync('script', ['-qec', script, '/dev/null'], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, CONTAINERS_CONF: '/dev/null', TERM: 'xterm', NO_COLOR: '', ...env },
  });
  return stdout;
}

t.test('a terminal gets readable lines in colour', { skip: missing('script', 'curl') }, async (t) => {
  t.match(showOnTerminal(t, []), '\u001b[32mINFO\u001b[39m: \u001b[36mlistening');
  const plain = showOnTerminal(t, [], { NO_COLOR: '1' });
  t.match(plain, /INFO: listening \{.*INFO: request \{.*INFO: stopping/s);
  t.notOk(plain.includes('\u001b'), 'NO_COLOR');
  t.match(showOnTerminal(t, ['--log-format', 'json']), /^\{"level":30,.*"msg":"listening"\}/m);
});

t.test('a pipe gets JSON lines, and readable ones when asked', async (t) => {
  const daemon = await startDaemon(t);
  await daemon.stop();
  t.match(daemon.log()[0], { msg: 'listening' });
  const pretty = await startDaemon(t, { args: ['--log-format', 'pretty'] });
  await pretty.stop();
  t.same(pretty.log(), []);
});

t.test('a name with terminal escapes does not reach the terminal', async (t) => {
  const file = path.join(makeScratch(t), 'log');
  const prefix = ['sh', '-c', `exec "$@" >${file}`, 'sh'];
  const daemon = await startDaemon(t, { args: ['--log-format', 'pretty'], prefix });
  await daemon.ask('POST', '/networks/create', { Name: 'a\u001b[2Jb\u009b\nc', Driver: '\u001b[31m' });
  await daemon.ask('POST', '/podnetd/v1/networks/podman/connect', { container: '/x\u001b[2J' });
  await daemon.stop();
  const text = readFileSync(file, 'utf8');
  t.match(text, 'request');
  t.notMatch(text, /(?!\n)\p{Cc}/u);
});

t.test('nor does one of an error, beside the colours of podnetd', async (t) => {
  const err = { type: 'Error', message: 'x\u001b[2J', stack: 'Error: \u001b]0;title\u0007\n    at \u009b2J' };
  const line = `${JSON.stringify({ level: 50, time: 0, err, msg: 'm\u001b[2J\r' })}\n`;
  const coloured = makePretty(true)(line);
  t.match(coloured, '\u001b[31mERROR\u001b[39m: ');
  for (const text of [coloured.replaceAll(/\p{Cc}\[3[169]m/gu, ''), makePretty(false)(line)])
    t.notMatch(text, /(?!\n)\p{Cc}/u);
});

t.test('JSON lines load nothing of the pretty ones', async (t) => {
  const list = path.join(makeScratch(t), 'loaded.json');
  const daemon = await startDaemon(t, { env: { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_LOADED: list } });
  await daemon.stop();
  t.notMatch(readFileSync(list, 'utf8'), /pretty/);
  t.notMatch(readFileSync(daemonScript, 'utf8'), /node_modules\/pino-pretty/, 'nor is it in the bundle');
});

t.test('without the file of pretty lines the log has JSON lines', async (t) => {
  const bare = makeScratch(t);
  const script = path.join(bare, 'podnetd.cjs');
  copyFileSync(daemonScript, script);
  symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(bare, 'node_modules'));
  const errors = path.join(bare, 'errors');
  writeFileSync(errors, '');
  const prefix = ['sh', '-c', `exec "$@" 2>${errors}`, 'sh'];
  const daemon = await startDaemon(t, { script, args: ['--log-format', 'pretty'], prefix });
  await daemon.stop();
  t.match(daemon.log()[0], { msg: 'listening' });
  t.equal(
    readFileSync(errors, 'utf8'),
    'podnetd: --log-format pretty: podnetd-pretty.cjs is not beside podnetd.cjs, so the log has JSON lines; install it there\n',
  );
  t.notOk(existsSync(path.join(bare, 'podnetd-pretty.cjs')));
});
