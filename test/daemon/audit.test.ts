import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { sha256 } from '../../src/model/sha256.js';
import { auditToml, createNetwork, readRequests, startAudited, verifyAudit } from '../support/audited-daemon.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { ask } from '../support/client.js';
import { bindDocker } from '../support/docker.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const skip = process.getuid?.() !== 0 || !existsSync('/proc/sys/kernel/ns_last_pid') || missing('python3');

/** A child connects and ends; when another has its pid, the parent sends a request on the connection. Prints the pid and the answer. */
const reusePid = `
import os, signal, socket, sys, time
connection = socket.socket(socket.AF_UNIX)
first = os.fork()
if first == 0:
    connection.connect(sys.argv[1])
    os._exit(0)
os.waitpid(first, 0)
time.sleep(0.3)
for _ in range(10000):
    open('/proc/sys/kernel/ns_last_pid', 'w').write(str(first - 1))
    second = os.fork()
    if second == 0:
        time.sleep(60)
        os._exit(0)
    if second == first:
        break
    os.kill(second, signal.SIGKILL)
    os.waitpid(second, 0)
else:
    sys.exit('the pid %d did not come again' % first)
body = b'{"Name":"web"}'
connection.send(b'POST /networks/create HTTP/1.1\\r\\nHost: d\\r\\nContent-Length: %d\\r\\n\\r\\n%s' % (len(body), body))
print(first, connection.recv(4096).decode())
os.kill(second, signal.SIGKILL)
`;

t.test(
  'each change that is asked for has a line before its answer, refused ones too, and looks have none',
  async (t) => {
    const { file, daemon } = await startAudited(t);
    t.equal(statSync(file).mode & 0o777, 0o600);
    const made = await createNetwork(daemon, 'web');
    t.equal(made.status, 200);
    const text = readFileSync(path.join(daemon.folder, 'web.conflist'), 'utf8');
    t.match(readRequests(file), [
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
    t.equal((await createNetwork(daemon, 'web')).status, 409);
    t.equal((await createNetwork(daemon, '..')).status, 400);
    t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/create?dryRun=true', { name: 'tried' })).status, 200);
    await daemon.ask('GET', '/v5.4.2/libpod/networks/json');
    t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/none/connect', { container: 'c' })).status, 404);
    t.equal((await daemon.ask('DELETE', '/v1.41/networks/web')).status, 204);
    t.equal((await daemon.ask('DELETE', '/v1.41/networks/web')).status, 404);
    t.match(
      readRequests(file)
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
    t.strictSame(readRequests(file)[4]?.changes, [{ file: 'web.conflist', before: sha256(text), after: null }]);
    await daemon.stop();
    t.match(verifyAudit(file), { status: 0, stdout: /^whole: / });
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
    const [, removed] = readRequests(file);
    t.match(removed, {
      operation: 'compatNetworkRemove',
      network: 'web',
      outcome: 'ok',
      who: { uid: 0, hints: { user: 'root', comm: 'docker' } },
    });
  },
);

t.test(
  'a removal whose client has left before its answer has its lines in the audit file and in the log',
  { skip: missing('python3') },
  async (t) => {
    const { file, daemon } = await startAudited(t);
    await createNetwork(daemon, 'web');
    const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
    // The kernel reports the end of a client as a reset where it has not read all.
    const client = connect(daemon.socket).pause();
    client.write('GET /_ping HTTP/1.1\r\nHost: d\r\n\r\nDELETE /v1.41/networks/web HTTP/1.1\r\nHost: d\r\n\r\n');
    await once(client, 'connect');
    // podnetd has read the request, and then its end, once it answers one that came later.
    await daemon.ask('GET', '/_ping');
    client.destroy();
    await once(client, 'close');
    await daemon.ask('GET', '/_ping');
    await holder.release();
    for (let tries = 0; readRequests(file).length < 2 && tries < 500; tries += 1) await sleep(10);
    t.match(readRequests(file)[1], { network: 'web', status: 204, outcome: 'ok', changes: [{ file: 'web.conflist' }] });
    await daemon.stop();
    const logged = daemon.log().filter(({ method }) => method === 'DELETE');
    t.match(logged, [{ msg: 'request', network: 'web', status: 204, outcome: 'ok' }]);
    t.equal(logged.length, 1);
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
  await createNetwork(daemon, 'one');
  renameSync(file, `${file}.1`);
  await createNetwork(daemon, 'two');
  daemon.process.kill('SIGHUP');
  for (let tries = 0; !existsSync(file) && tries < 500; tries += 1) await sleep(10);
  await createNetwork(daemon, 'three');
  await daemon.stop();
  t.strictSame(
    readRequests(`${file}.1`).map(({ network }) => network),
    ['one', 'two'],
  );
  t.strictSame(
    readRequests(file).map(({ network }) => network),
    ['three'],
  );
  t.match(verifyAudit(`${file}.1`, file), { status: 0 });
  t.match(verifyAudit(file), { status: 0, stdout: /the chain continues from line/ });
  t.match(verifyAudit(file, `${file}.1`), { status: 1 });
  t.match(verifyAudit(`${file}.2`), { status: 2, stderr: /no such file/ });
});

t.test('a start repairs a torn end, keeps the piece, and says what became of an announced request', async (t) => {
  const { file, daemon } = await startAudited(t);
  await createNetwork(daemon, 'one');
  readRequests(file);
  await daemon.stop('SIGKILL');
  const text = readFileSync(file, 'utf8');
  const cut = text.lastIndexOf('\n', text.length - 2) + 1;
  writeFileSync(file, text.slice(0, cut + 40));
  t.match(verifyAudit(file), { status: 1, stdout: /the last line is torn/ });
  const next = await startDaemon(t, { folder: daemon.folder, podnetdToml: auditToml(file) });
  await createNetwork(next, 'two');
  for (let tries = 0; !readFileSync(file, 'utf8').includes('"settled"') && tries < 500; tries += 1) await sleep(10);
  await next.stop();
  t.ok(readFileSync(file, 'utf8').includes(`\n${text.slice(cut, cut + 40)}\n`));
  t.match(verifyAudit(file), { status: 0, stdout: /note: a torn line/ });
  const settled = readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.includes('"settled"'));
  t.match(JSON.parse(settled ?? '{}'), { outcome: 'made', changes: [{ file: 'one.conflist' }] });
});

t.test('a process that has got the pid of the one that connected is not taken for it', { skip }, async (t) => {
  const { file, daemon } = await startAudited(t);
  const { stdout, stderr } = spawnSync('python3', ['-c', reusePid, daemon.socket], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  t.match(stdout, /^\d+ HTTP\/1.1 201 /, stderr);
  const [line] = readRequests(file) as readonly { readonly who?: { readonly pid: number; readonly hints: object } }[];
  t.equal(line?.who?.pid, Number.parseInt(stdout, 10));
  t.strictSame(Object.keys(line?.who?.hints ?? {}), ['user', 'group'], 'neither name nor start of the second process');
});

t.test('a line has the label of its socket, where that has one', async (t) => {
  const labelled = path.join(makeScratch(t), 'team-x.sock');
  const { file, daemon } = await startAudited(t, { args: ['--listen', `unix://${labelled}?label=team=x`] });
  await createNetwork(daemon, 'web');
  await ask(labelled, 'POST', '/networks/create', { Name: 'front' });
  await ask(labelled, 'DELETE', '/networks/web');
  const lines = readRequests(file).map((line) => [line.network, line.outcome, 'label' in line ? line.label : 'none']);
  t.strictSame(lines, [
    ['web', 'ok', 'none'],
    ['front', 'ok', 'team=x'],
    ['web', 'networkNotFound', 'team=x'],
  ]);
  t.equal(verifyAudit(file).status, 0);
});
