import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { sha256 } from '../../src/model/sha256.js';
import { daemonScript, startDaemon, type TestDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeScratch } from '../support/scratch.js';

interface Line {
  readonly event: string;
  readonly id: string;
  readonly operation: string;
  readonly network?: string;
  readonly status: number;
  readonly outcome: string;
  readonly changes: readonly { readonly file: string; readonly before: string | null; readonly after: string | null }[];
}

const readLines = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

const requestsIn = (file: string) => readLines(file).filter(({ event }) => event === 'request');

const verify = (...files: readonly string[]) =>
  spawnSync(process.execPath, [daemonScript, 'audit', 'verify', ...files], { encoding: 'utf8' });

const auditToml = (file: string, rest = '') => `[audit]\nfile = "${file}"\n${rest}`;

async function startAudited(t: Test, options: { readonly rest?: string; readonly folder?: string } = {}) {
  const file = path.join(makeScratch(t), 'audit.jsonl');
  const { rest, folder } = options;
  const daemon = await startDaemon(t, { podnetdToml: auditToml(file, rest), ...(folder && { folder }) });
  return { file, daemon };
}

const create = async (daemon: TestDaemon, name: string) =>
  await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name });

t.test(
  'each change that is asked for has a line before its answer, refused ones too, and looks have none',
  async (t) => {
    const { file, daemon } = await startAudited(t);
    t.equal(statSync(file).mode & 0o777, 0o600);
    const made = await create(daemon, 'web');
    t.equal(made.status, 200);
    const text = readFileSync(path.join(daemon.folder, 'web.conflist'), 'utf8');
    t.match(requestsIn(file), [
      {
        id: made.headers['x-reference-id'],
        operation: 'libpodV4NetworkCreate',
        network: 'web',
        status: 200,
        outcome: 'ok',
        socket: daemon.socket,
        who: {
          uid: process.getuid?.(),
          gid: process.getgid?.(),
          pid: process.pid,
          hints: { comm: /./, startTicks: /^\d+$/ },
        },
        changes: [{ file: 'web.conflist', before: null, after: sha256(text) }],
      },
    ]);
    t.equal((await create(daemon, 'web')).status, 409);
    t.equal((await create(daemon, '..')).status, 400);
    t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/create?dryRun=true', { name: 'tried' })).status, 200);
    await daemon.ask('GET', '/v5.4.2/libpod/networks/json');
    t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/none/connect', { container: 'c' })).status, 404);
    t.equal((await daemon.ask('DELETE', '/v1.41/networks/web')).status, 204);
    t.equal((await daemon.ask('DELETE', '/v1.41/networks/web')).status, 404);
    t.match(
      requestsIn(file)
        .slice(1)
        .map(({ operation, network, status, changes }) => [operation, network, status, changes.length]),
      [
        ['libpodV4NetworkCreate', 'web', 409, 0],
        ['libpodV4NetworkCreate', '..', 400, 0],
        ['libpodV4NetworkConnect', 'none', 404, 0],
        ['compatNetworkRemove', 'web', 204, 1],
        ['compatNetworkRemove', 'web', 404, 0],
      ],
    );
    t.strictSame(requestsIn(file)[4]?.changes, [{ file: 'web.conflist', before: sha256(text), after: null }]);
    await daemon.stop();
    t.match(verify(file), { status: 0, stdout: /^whole: / });
  },
);

t.test(
  "Docker's client deletes a network, and the line has its process",
  { skip: process.getuid?.() !== 0 },
  async (t) => {
    const { file, daemon } = await startAudited(t);
    const docker = bindDocker(t, daemon.socket);
    await docker('create', 'web');
    await docker('rm', 'web');
    const [, removed] = requestsIn(file);
    t.match(removed, {
      operation: 'compatNetworkRemove',
      network: 'web',
      outcome: 'ok',
      who: { uid: 0, hints: { user: 'root', comm: 'docker' } },
    });
  },
);

t.test('a file that cannot be used stops the start, and a second podnetd does not get it', async (t) => {
  const { file } = await startAudited(t);
  const refusal = (target: string) => {
    const toml = path.join(makeScratch(t), 'podnetd.toml');
    writeFileSync(toml, auditToml(target));
    const args = [daemonScript, '--config', toml, '--listen', `unix://${toml}.sock`, '--cni-config-dir', `${toml}.d`];
    return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
  };
  t.match(refusal(file), { status: 2, stderr: /another process, such as a second podnetd, writes to it/ });
  const folder = makeScratch(t);
  symlinkSync(file, path.join(folder, 'link'));
  t.match(refusal(path.join(folder, 'link')), { status: 2, stderr: /ELOOP/ });
  t.match(refusal(path.join(folder, 'none/a')), { status: 2, stderr: /ENOENT/ });
  mkdirSync(path.join(folder, 'dir'));
  t.match(refusal(path.join(folder, 'dir')), { status: 2, stderr: /EISDIR/ });
  writeFileSync(path.join(folder, 'open'), '');
  chmodSync(path.join(folder, 'open'), 0o666);
  t.match(refusal(path.join(folder, 'open')), { status: 2, stderr: /other users may write to it/ });
  t.match(refusal('relative'), { status: 2, stderr: /"relative" is not an absolute path/ });
});

t.test('SIGHUP after a rotation opens a new file that goes on with the chain', async (t) => {
  const { file, daemon } = await startAudited(t);
  await create(daemon, 'one');
  renameSync(file, `${file}.1`);
  await create(daemon, 'two');
  daemon.process.kill('SIGHUP');
  for (let tries = 0; !existsSync(file) && tries < 500; tries += 1) await sleep(10);
  await create(daemon, 'three');
  await daemon.stop();
  t.strictSame(
    requestsIn(`${file}.1`).map(({ network }) => network),
    ['one', 'two'],
  );
  t.strictSame(
    requestsIn(file).map(({ network }) => network),
    ['three'],
  );
  t.match(verify(`${file}.1`, file), { status: 0 });
  t.match(verify(file), { status: 0, stdout: /the chain continues from line/ });
  t.match(verify(file, `${file}.1`), { status: 1 });
  t.match(verify(`${file}.2`), { status: 2, stderr: /no such file/ });
});

t.test('a start repairs a torn end, keeps the piece, and says what became of an announced request', async (t) => {
  const { file, daemon } = await startAudited(t);
  await create(daemon, 'one');
  requestsIn(file);
  await daemon.stop('SIGKILL');
  const text = readFileSync(file, 'utf8');
  const cut = text.lastIndexOf('\n', text.length - 2) + 1;
  writeFileSync(file, text.slice(0, cut + 40));
  t.match(verify(file), { status: 1, stdout: /the last line is torn/ });
  const next = await startDaemon(t, { folder: daemon.folder, podnetdToml: auditToml(file) });
  await create(next, 'two');
  for (let tries = 0; !readFileSync(file, 'utf8').includes('"settled"') && tries < 500; tries += 1) await sleep(10);
  await next.stop();
  t.ok(readFileSync(file, 'utf8').includes(`\n${text.slice(cut, cut + 40)}\n`));
  t.match(verify(file), { status: 0, stdout: /note: a torn line/ });
  const settled = readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.includes('"settled"'));
  t.match(JSON.parse(settled ?? '{}'), { outcome: 'made', changes: [{ file: 'one.conflist' }] });
});

t.test(
  'a file that cannot be written refuses changes, or lets them through',
  { skip: !existsSync('/dev/full') },
  async (t) => {
    for (const rest of ['', 'on_failure = "allow"\n']) {
      const folder = makeScratch(t);
      const mounted = path.join(folder, 'small');
      mkdirSync(mounted);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'podnetd-test', mounted]).status !== 0) return;
      t.teardown(() => spawnSync('umount', ['-l', mounted]));
      const file = path.join(mounted, 'audit.jsonl');
      const daemon = await startDaemon(t, { podnetdToml: auditToml(file, rest) });
      t.equal((await create(daemon, 'first')).status, 200);
      const filler = path.join(mounted, 'filler');
      writeFileSync(filler, '');
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(512));
      } catch {
        // Full.
      }
      let answer = await create(daemon, 'n0');
      for (let count = 1; answer.status === 200 && count < 8; count += 1) answer = await create(daemon, `n${count}`);
      if (rest === '') {
        t.match([answer.status, answer.json()], [507, { message: /audit\.jsonl: ENOSPC/ }]);
        t.equal((await daemon.ask('GET', '/v5.4.2/libpod/networks/json')).status, 200);
        rmSync(filler);
        t.equal((await create(daemon, 'again')).status, 200);
        t.equal(requestsIn(file).at(-1)?.network, 'again');
      } else t.equal(answer.status, 200);
      await daemon.stop();
      t.match(verify(file), { status: 0 });
    }
  },
);

t.test('each acknowledged change has its line after kills, and none is torn', async (t) => {
  const file = path.join(makeScratch(t), 'audit.jsonl');
  const folder = path.join(makeScratch(t), 'net.d');
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const daemon = await startDaemon(t, { folder, podnetdToml: auditToml(file) });
    let isKilled = false;
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let count = 0; !isKilled && count < 200; count += 1) {
        const name = `n${round}-${client}-${count}`;
        const answer = await create(daemon, name).catch(() => undefined);
        if (answer?.status === 200) acknowledged.push(name);
      }
    });
    await sleep(400 + round * 130);
    await daemon.stop('SIGKILL');
    isKilled = true;
    await Promise.all(clients);
  }
  const announced = new Set(
    readLines(file).flatMap(({ event, changes }) => (event === 'announced' ? changes.map((one) => one.file) : [])),
  );
  const found = readdirSync(folder).filter((name) => name.endsWith('.conflist'));
  t.strictSame(
    found.filter((name) => !announced.has(name)),
    [],
    'a change that was not acknowledged has its line too',
  );
  t.ok(acknowledged.length > 0);
  t.strictSame(
    acknowledged.filter((name) => !announced.has(`${name}.conflist`)),
    [],
  );
  t.match(verify(file), { status: 0 });
});
