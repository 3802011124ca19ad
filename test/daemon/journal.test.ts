import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { addPriority, isJournal } from '../../src/host/own-process/journal.js';
import { daemonScript } from '../support/daemon.js';
import { missing } from '../support/tools.js';

/** The priorities of log lines, as a real journald reads them. */

const journald = '/lib/systemd/systemd-journald';
const skip =
  missing('unshare', 'systemd-cat', 'journalctl', 'curl') || (existsSync(journald) ? false : `needs ${journald}`);

interface Entry {
  readonly PRIORITY: string;
  readonly MESSAGE: string;
}

const post = (url: string, body: string) => `curl -s --unix-socket /run/podnetd.sock http://d${url} -d '${body}'`;

/** One client's fault that libpod 3 answers with 500, and one fault of this host. */
const requests = [
  'curl -s --unix-socket /run/podnetd.sock http://d/_ping',
  post('/libpod/networks/create', '{'),
  'rm -rf /run/net.d; touch /run/net.d',
  post('/networks/create', '{"Name": "x"}'),
].join('; ');

function journal(...args: readonly string[]): readonly Entry[] {
  const places = ['--listen', '/run/podnetd.sock', '--cni-config-dir', '/run/net.d', '--cni-cache-dir', '/run/cni'];
  const script = path.join(import.meta.dirname, 'journald.sh');
  const { stdout } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', script, requests, process.execPath, daemonScript, ...places, ...args],
    { encoding: 'utf8', timeout: 120_000, env: { ...process.env, CONTAINERS_CONF: '/dev/null' } },
  );
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
}

t.test(
  'JSON lines of the log have their priority in the journal, and no sign of it in their text',
  { skip },
  async (t) => {
    const entries = journal().map(({ PRIORITY, MESSAGE }) => ({
      priority: PRIORITY,
      ...(JSON.parse(MESSAGE) as { msg: string; level: number; status?: number }),
    }));
    t.match(entries[0], { priority: '6', level: 30, msg: 'listening' });
    const answered = entries.filter(({ msg }) => msg === 'request');
    t.match(answered, [
      { priority: '6', level: 30, status: 200 },
      { priority: '4', level: 40, status: 500, outcome: 'bodyInvalid' },
      { priority: '3', level: 50, status: 507 },
    ]);
    t.match(entries.at(-1), { priority: '6', msg: 'stopping' });
  },
);

t.test('so have pretty lines, each of an error that takes several', { skip }, async (t) => {
  const entries = journal('--log-format', 'pretty');
  t.match(entries[0], { PRIORITY: '6', MESSAGE: /INFO: listening/ });
  const errors = entries.filter(({ PRIORITY }) => PRIORITY === '3');
  t.ok(errors.some(({ MESSAGE }) => MESSAGE.includes('ERROR: request')));
  t.ok(errors.some(({ MESSAGE }) => MESSAGE.startsWith('    err: {')));
  for (const { MESSAGE } of entries) t.notMatch(MESSAGE, /^<\d>|\p{Cc}/u);
});

t.test('a priority stands before each line that has text', async (t) => {
  t.equal(addPriority('{"level":50}\n', 50), '<3>{"level":50}\n');
  t.equal(addPriority('a\n  b\n\nc\n', 40), '<4>a\n<4>  b\n\n<4>c\n');
  t.same(
    [10, 20, 30, 40, 50, 60].map((level) => addPriority('x', level)),
    ['<7>x', '<7>x', '<6>x', '<4>x', '<3>x', '<2>x'],
  );
});

t.test('only the stream that the variable names is the journal', async (t) => {
  for (const stream of [undefined, '', '0:0', 'x']) t.equal(isJournal(1, stream), false, String(stream));
  t.equal(isJournal(1_000_000, '0:0'), false, 'a closed descriptor');
});
