import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { holdAsPodman } from '../support/lock-holder.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';

const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  await promisify(execFile)(process.execPath, [daemonScript, ...args], { env: { ...process.env, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );

t.test('--version and --help answer and end', async (t) => {
  t.match(await run(['--version']), {
    code: 0,
    stdout: /^podnetd \d+\.\d+\.\d+ \(commit [0-9a-f]{12}(-dirty)?, Node v\d+\.\d+\.\d+\)\n$/,
    stderr: '',
  });
  t.match(await run(['--help']), { code: 0, stdout: /^Usage: podnetd/, stderr: '' });
});

t.test('bad flags and files end with code 2 and one line', async (t) => {
  t.match(await run(['--socket-mode', '999']), {
    code: 2,
    stdout: '',
    stderr: /^podnetd: --socket-mode 999: [^\n]+\n$/,
  });
  const conf = path.join(makeScratch(t), 'containers.conf');
  writeFileSync(conf, '[network]\ndefault_subnet = "10.88"\n');
  t.match(await run([], { CONTAINERS_CONF: conf }), {
    code: 2,
    stderr: `podnetd: ${conf}:2: network.default_subnet: "10.88" is not a CIDR\n`,
  });
});

t.test('a socket that answers is refused, with code 1 and one line', async (t) => {
  const first = await startDaemon(t);
  const second = await run(['--listen', first.socket, '--cni-config-dir', first.folder]);
  t.match(second, { code: 1, stderr: /^podnetd: [^\n]*podnetd\.sock: [^\n]+\n$/ });
  t.equal((await first.ask('GET', '/_ping')).status, 200, 'the first goes on');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal}: open requests are finished, the socket goes away, code 0`, async (t) => {
    const daemon = await startDaemon(t);
    t.equal(statSync(daemon.socket).mode & 0o777, 0o660);
    const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
    const waiting = daemon.ask('POST', '/networks/create', { Name: 'web' });
    await sleep(200);
    const stopped = daemon.stop(signal);
    await sleep(200);
    t.equal(daemon.process.exitCode, null, 'the daemon waits for the request');
    await holder.release();
    t.equal((await waiting).status, 201);
    t.equal(await stopped, 0);
    t.notOk(existsSync(daemon.socket));
    t.same(
      readdirSync(daemon.folder).filter((name) => !name.startsWith('cni.lock')),
      ['web.conflist'],
    );
  });
}

t.test('a lock that its holder keeps makes a change answer 503, and reads go on', async (t) => {
  const daemon = await startDaemon(t, { args: ['--lock-timeout', '0.3'] });
  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  const late = daemon.ask('POST', '/networks/create', { Name: 'web' });
  t.equal((await daemon.ask('GET', '/networks/podman')).status, 200);
  const answer = await late;
  t.equal(answer.status, 503);
  t.equal(answer.headers['retry-after'], '1');
  t.match(answer.json(), {
    message: new RegExp(`locked: waited 300 ms for ${daemon.folder}/cni\\.lock, held by process ${holder.pid} \\(`),
    response: 503,
  });
  await holder.kill();
  t.equal(
    (await daemon.ask('POST', '/networks/create', { Name: 'web' })).status,
    201,
    'the next create after the release works',
  );
});

t.test('a start clears leftovers of a killed daemon, and the next create does not wait', async (t) => {
  const folder = makeScratch(t);
  const leftover = path.join(folder, '.podnetd-0123456789abcdef.tmp');
  writeFileSync(leftover, '{"half');
  mkdirSync(path.join(folder, 'cni.lock.lock'));
  const daemon = await startDaemon(t, { folder, args: ['--lock-timeout', '5'] });
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'web' })).status, 201);
  t.notOk(existsSync(leftover));
  t.same(readdirSync(folder).toSorted(), ['cni.lock', 'cni.lock.lock', 'web.conflist']);
});

t.test('kill -9 loses no acknowledged network', async (t) => {
  const folder = makeScratch(t);
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const daemon = await startDaemon(t, { folder });
    const writers = Promise.allSettled(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let index = 0; index < 1000; index += 1) {
          const name = `r${round}w${writer}n${index}`;
          const { status } = await daemon.ask('POST', '/networks/create', { Name: name });
          t.equal(status, 201);
          acknowledged.push(name);
        }
      }),
    );
    while (acknowledged.length < (round + 1) * 20) await sleep(5);
    await daemon.stop('SIGKILL');
    for (const outcome of await writers) t.equal(outcome.status, 'rejected', 'the connection broke');
  }
  const daemon = await startDaemon(t, { folder });
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'last' })).status, 201);
  for (const name of acknowledged) t.equal((await daemon.ask('GET', `/networks/${name}`)).status, 200, name);
  t.same(
    readdirSync(folder).filter((name) => !name.endsWith('.conflist')),
    ['cni.lock'],
    'no temporary file, no lock folder',
  );
});

t.test('the largest network that a request can hold is there after a restart', async (t) => {
  const first = await startDaemon(t);
  // Each `<` takes six bytes in the file.
  const answer = await first.ask('POST', '/networks/create', { Name: 'large', Labels: { k: '<'.repeat(1_000_000) } });
  t.equal(answer.status, 201);
  await first.stop();
  const second = await startDaemon(t, { folder: first.folder });
  t.equal((await second.ask('GET', '/networks/large')).status, 200);
});

t.test('one log line a request', async (t) => {
  const daemon = await startDaemon(t);
  await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web' });
  await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web' });
  await daemon.ask('GET', '/networks/nope');
  await daemon.stop();
  const lines = daemon.log().filter((line) => line['msg'] === 'request');
  const common = { reqId: /^[0-9a-f-]{36}$/, durationMs: Number };
  t.match(lines, [
    { ...common, dialect: 'libpod-v4', network: 'web', status: 200, outcome: 'ok', method: 'POST' },
    { ...common, dialect: 'libpod-v4', network: 'web', status: 409, outcome: 'nameUsed' },
    { ...common, dialect: 'compat', network: 'nope', status: 404, outcome: 'networkNotFound', url: '/networks/nope' },
  ]);
  t.equal(lines.length, 3);
});

t.test('podnetd config prints the settings, and ends with code 2 for a wrong file', async (t) => {
  const conf = path.join(makeScratch(t), 'containers.conf');
  writeFileSync(conf, '[network]\ndefault_subnet = "10.90.0.0/16"\nnetwork_backend = "netavark"\n');
  const { code, stdout, stderr } = await run(['config', '--socket-mode', '600'], { CONTAINERS_CONF: conf });
  t.equal(code, 0);
  t.match(stdout, `default-subnet = "10.90.0.0/16"  # file ${conf}:2: network.default_subnet\n`);
  t.match(stdout, 'socket-mode = "0600"  # flag --socket-mode\n');
  t.match(stderr, /network_backend/);
  const json = await run(['config', '--json'], { CONTAINERS_CONF: conf });
  t.match(
    (JSON.parse(json.stdout) as { name: string }[]).find(({ name }) => name === 'default-subnet'),
    {
      value: '10.90.0.0/16',
      origins: [{ kind: 'file', file: conf, line: 2, key: 'network.default_subnet' }],
    },
  );
  writeFileSync(conf, '[network]\ndefault_subnet = "10.90"\n');
  t.match(await run(['config'], { CONTAINERS_CONF: conf }), {
    code: 2,
    stdout: '',
    stderr: `podnetd: ${conf}:2: network.default_subnet: "10.90" is not a CIDR\n`,
  });
});

t.test('commands print, and a wrong one ends with code 2', async (t) => {
  t.match(await run(['version']), await run(['--version']));
  t.match(await run(['help', 'config']), { code: 0, stdout: /^Usage: podnetd config/ });
  t.match(await run(['config', '--help']), { code: 0, stdout: /^Usage: podnetd config/ });
  t.match(await run(['help']), { code: 0, stdout: (await run(['--help'])).stdout });
  t.match(await run(['cofnig']), {
    code: 2,
    stdout: '',
    stderr: 'podnetd: cofnig: no such command, the nearest is config; see podnetd help\n',
  });
});
