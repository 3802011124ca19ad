import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ask } from '../support/client.js';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { isListening } from '../support/listening.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const skip = missing('systemd-socket-activate');

/** Statuses of a create and a list. */
async function tryBoth(socket: string, name: string): Promise<readonly number[]> {
  const create = await ask(socket, 'POST', '/networks/create', { Name: name });
  return [create.status, (await ask(socket, 'GET', '/networks')).status];
}

t.test('sockets of flags have their roles, modes and groups', async (t) => {
  const folder = makeScratch(t);
  const [read, plain] = ['read.sock', 'plain.sock'].map((name) => path.join(folder, name)) as [string, string];
  const daemon = await startDaemon(t, {
    args: ['--listen', `unix://${read}?role=read&mode=0666&group=0`, '--listen', plain],
  });
  while (daemon.log().length === 0) await sleep(10);
  t.same(await tryBoth(read, 'a'), [403, 200]);
  t.same(await tryBoth(plain, 'b'), [201, 200], 'a socket without a role is one as before');
  t.same(await tryBoth(daemon.socket, 'c'), [201, 200]);
  t.equal(statSync(read).mode & 0o777, 0o666);
  t.equal(statSync(plain).mode & 0o777, 0o660);
  t.match(daemon.log()[0], { msg: 'listening', roles: { [read]: 'read', [plain]: 'admin', [daemon.socket]: 'admin' } });
  t.match(
    daemon.log().find(({ status }) => status === 403),
    { outcome: 'roleInsufficient', reason: `${read} has the role read, and this request needs the role admin` },
  );
});

t.test('a socket that was lost has its role again', async (t) => {
  const read = path.join(makeScratch(t), 'read.sock');
  const daemon = await startDaemon(t, { args: ['--listen', `unix://${read}?role=read`] });
  // Until then podnetd may not watch the name yet.
  while (daemon.log().length === 0) await sleep(10);
  unlinkSync(read);
  const isBack = async () =>
    await ask(read, 'GET', '/_ping').then(
      () => true,
      () => false,
    );
  for (let tries = 0; !(await isBack()) && tries < 1000; tries += 1) await sleep(10);
  t.same(await tryBoth(read, 'a'), [403, 200]);
});

interface Activated {
  readonly sockets: readonly [string, string];
  /** Standard output and error so far. */
  output(): string;
  readonly ended: Promise<unknown>;
}

/** Lets systemd start podnetd with two sockets of these names. */
async function activate(
  t: Test,
  names: string,
  toml: (sockets: readonly string[]) => string = () => '',
): Promise<Activated> {
  const scratch = makeScratch(t);
  const at = (name: string) => path.join(scratch, name);
  const sockets = [at('a.sock'), at('b.sock')] as const;
  writeFileSync(at('containers.conf'), '');
  writeFileSync(at('podnetd.toml'), toml(sockets));
  const args = [
    ...sockets.map((socket) => `--listen=${socket}`),
    `--fdname=${names}`,
    `--setenv=CONTAINERS_CONF=${at('containers.conf')}`,
    process.execPath,
    daemonScript,
    `--config=${at('podnetd.toml')}`,
    `--cni-config-dir=${at('net.d')}`,
    `--cni-cache-dir=${at('cni')}`,
  ];
  const manager = spawn('systemd-socket-activate', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [manager.stdout, manager.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(manager, 'exit');
  t.teardown(async () => {
    manager.kill('SIGKILL');
    await ended;
  });
  while (!sockets.every(isListening)) await sleep(10);
  return { sockets, output: () => output, ended };
}

t.test('sockets of systemd have the roles that their names say', { skip }, async (t) => {
  const { sockets } = await activate(t, 'podnetd-read:podnetd.socket');
  t.same(await tryBoth(sockets[0], 'a'), [403, 200]);
  t.same(await tryBoth(sockets[1], 'b'), [201, 200], 'a name of another kind is one as before');
});

t.test('a table of podnetd.toml gives its role to the socket of systemd with its path', { skip }, async (t) => {
  const { sockets, output } = await activate(
    t,
    'podnetd-operate:second',
    ([, second]) =>
      `[[sockets]]\npath = "${second}"\nrole = "read"\n[[sockets]]\npath = "/nowhere.sock"\nrole = "read"\n`,
  );
  t.same(await tryBoth(sockets[1], 'a'), [403, 200]);
  t.match((await ask(sockets[0], 'POST', '/networks/create', { Name: 'b' })).json(), {
    message: `${sockets[0]} has the role operate, and this request needs the role admin`,
  });
  t.match(output(), /"sockets":\["\/nowhere\.sock"\],"msg":"not made, because a service manager passed others/);
});

t.test('a table gives its label to the socket of systemd with its path too', { skip }, async (t) => {
  const { sockets } = await activate(
    t,
    'podnetd-read:podnetd.socket',
    ([first]) => `[[sockets]]\npath = "${first}"\nrole = "read"\nlabel = "team=x"\n`,
  );
  t.same(await tryBoth(sockets[1], 'a'), [201, 200]);
  t.same((await ask(sockets[0], 'GET', '/networks')).json(), []);
  t.equal((await ask(sockets[0], 'GET', '/networks/a')).status, 404);
});

for (const [what, names, toml, message] of [
  [
    'a misspelt name',
    'podnetd-reed:podnetd.socket',
    () => '',
    /inherited socket podnetd-reed \(descriptor 3\): no role has this name; set FileDescriptorName= of its unit to one of podnetd-read, podnetd-operate, podnetd-admin, or/,
  ],
  [
    'a unit without its FileDescriptorName',
    'podnetd.socket:podnetd-read.socket',
    () => '',
    /inherited socket podnetd-read\.socket \(descriptor 4\): no role has this name/,
  ],
  [
    'a name and a table that differ',
    'podnetd-read:podnetd.socket',
    ([first]: readonly string[]) => `[[sockets]]\npath = "${first}"\nrole = "admin"\n`,
    /inherited socket podnetd-read \(descriptor 3\): its name says the role read, and the settings for its path say admin; make them agree/,
  ],
] as const) {
  t.test(`${what} ends the start`, { skip }, async (t) => {
    const { sockets, output, ended } = await activate(t, names, toml);
    await t.rejects(ask(sockets[0], 'GET', '/_ping'));
    await ended;
    t.match(output(), message);
  });
}
