import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { isThere } from './user-daemon.js';
import { readGreeting, serveGreeting, startContainer, writeContainersConf } from './user-service.js';

const tools = 'systemd-socket-activate slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables';
const skip = missing(...tools.split(' '));
const units = path.resolve(import.meta.dirname, '../../systemd/user');

t.test('the units of a user start it at the first connection, and connect namespaces', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  await install(machine);
  const one = await startContainer(machine);
  const two = await startContainer(machine, one);
  await serveGreeting(machine, two, 80);
  const socket = read('podnetd.socket', 'ListenStream').replace('%t', machine.runtimeDir);
  t.equal(socket, `${machine.runtimeDir}/podnetd/podnetd.sock`);
  const request = async (url: string, body: object) => await ask(machine.outside(socket), 'POST', url, body);
  const container = (pid: number) => ({ Container: `/proc/${pid}/ns/net` });

  const first = await activate(machine, socket);
  t.equal(daemons(machine), 0, 'podnetd waits for a connection');
  t.equal(statSync(machine.outside(socket)).uid, machine.uid);
  const created = await request('/networks/create', { Name: 'web', IPAM: { Config: [{ Subnet: '10.99.0.0/24' }] } });
  t.equal(created.status, 201, created.text);
  t.equal(daemons(machine), 1, 'and has started');
  for (const pid of [one, two]) {
    const connected = await request('/networks/web/connect', container(pid));
    t.equal(connected.status, 200, connected.text);
  }
  t.match(await readGreeting(machine, one, '10.99.0.3', 80), /^hello /);

  // KillMode=process: systemd ends podnetd alone.
  t.equal(read('podnetd.service', 'KillMode'), 'process');
  await end(first);
  t.match(await readGreeting(machine, one, '10.99.0.3', 80), /^hello /, 'the network works on without podnetd');

  const second = await activate(machine, socket);
  for (const pid of [one, two]) {
    const disconnected = await request('/networks/web/disconnect', container(pid));
    t.equal(disconnected.status, 200, disconnected.text);
  }
  t.strictSame(
    [...machine.processes().values()].filter((command) => /^sleep infinity|slirp4netns|dnsmasq/.test(command)),
    [],
  );
  await end(second);
  t.ok(isThere(machine, socket), 'the socket is the manager’s');
});

function read(unit: string, key: string): string {
  const text = readFileSync(path.join(units, unit), 'utf8');
  return new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
}

/** Puts the program into the unit's place, for this machine alone. */
async function install(machine: UserMachine): Promise<void> {
  const [program = ''] = read('podnetd.service', 'ExecStart').split(' ');
  const script = `#!/bin/sh\\nexec ${machine.node} ${machine.project}/dist/podnetd.cjs "$@"\\n`;
  const folder = path.dirname(program);
  await machine.mustRoot('sh', [
    '-c',
    `mount -t tmpfs -o mode=755 tmpfs ${folder} && printf '${script}' >${program} && chmod 755 ${program}`,
  ]);
}

/** Acts as a user's systemd: passes the socket, and the part of the environment that every unit gets. */
async function activate(machine: UserMachine, socket: string): Promise<ChildProcess> {
  const given = {
    XDG_RUNTIME_DIR: machine.runtimeDir,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${machine.runtimeDir}/bus`,
    MANAGERPID: '1',
    SYSTEMD_EXEC_PID: '2',
    INVOCATION_ID: '0123456789abcdef0123456789abcdef',
  };
  await machine.must('rm', ['-f', socket]);
  const [file, args] = machine.wrap('systemd-socket-activate', [
    `--listen=${socket}`,
    ...Object.entries(given).map(([name, value]) => `--setenv=${name}=${value}`),
    ...read('podnetd.service', 'ExecStart').split(' '),
  ]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)));
  for (let tries = 0; !isThere(machine, socket); tries += 1) {
    if (child.exitCode !== null || tries > 1000) throw new Error(`no socket: ${errors}`);
    await sleep(10);
  }
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

function daemons(machine: UserMachine): number {
  return [...machine.processes().values()].filter((command) => /^\S+ \S+\/podnetd\.cjs /.test(command)).length;
}
