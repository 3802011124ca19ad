import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { listForwards, removeForward } from '../../src/host/slirp4netns/api.js';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { readGreeting, serveGreeting, startContainer, writeContainersConf } from './user-service.js';

const skip = missing(...'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables'.split(' '));

t.test('ports of the host lead to a container until it is disconnected', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  await machine.mustRoot('sh', [
    '-ec',
    'ip link add lan type bridge; ip address add 192.0.2.1/24 dev lan; ip link set lan up',
  ]);
  let daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  const two = await startContainer(machine, one);
  await serveGreeting(machine, one, 80);
  await serveEcho(machine, one, 53);
  await serveGreeting(machine, undefined, 18_090);
  const [first, second] = [one, two].map((pid) => `/proc/${pid}/ns/net`);
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'web' })).status, 201);
  const connect = async (container: string | undefined, ...ports: readonly object[]) =>
    await daemon.ask('POST', '/podnetd/v1/networks/web/connect', { container, port_mappings: ports });
  const tcp = { host_port: 18_080, container_port: 80, protocol: 'tcp', host_ip: '127.0.0.1' };

  const connected = await connect(first, tcp, { host_port: 18_053, container_port: 53, protocol: 'udp' });
  t.equal(connected.status, 200, connected.text);
  const check = async (what: string) => {
    t.match(await readGreeting(machine, undefined, '127.0.0.1', 18_080), /^hello /, `${what}: TCP`);
    t.equal(await askEcho(machine, '192.0.2.1', 18_053), 'ping', `${what}: UDP`);
    t.equal(await readGreeting(machine, undefined, '127.0.0.2', 18_080), 'ECONNREFUSED', `${what}: no other address`);
  };
  await check('at first');

  for (const [what, refused, says] of [
    [
      'one that is used',
      { ...tcp, host_port: 18_090 },
      /127\.0\.0\.1:18090\/tcp cannot be forwarded: the port is used on the host/,
    ],
    [
      'one for root',
      { ...tcp, host_port: 81 },
      /127\.0\.0\.1:81\/tcp cannot be forwarded: .*ip_unprivileged_port_start/,
    ],
    [
      'another protocol',
      { ...tcp, protocol: 'sctp' },
      /sctp cannot be forwarded: slirp4netns forwards TCP and UDP only/,
    ],
    [
      'IPv6',
      { ...tcp, host_port: 18_082, host_ip: '::1' },
      /cannot be forwarded: slirp4netns forwards from IPv4 addresses only/,
    ],
  ] as const) {
    const answer = await connect(second, { ...tcp, host_port: 18_081 }, refused);
    t.equal(answer.status, 500, what);
    t.match((answer.json() as { message: string }).message, says, what);
    t.equal(await readGreeting(machine, undefined, '127.0.0.1', 18_081), 'ECONNREFUSED', `${what}: all or none`);
    const links = await machine.must('nsenter', [
      '--target',
      String(two),
      '--user',
      '--net',
      '--preserve-credentials',
      '--',
      'ip',
      'link',
    ]);
    t.notMatch(links, /eth0/, `${what}: and it is not connected`);
  }

  const twice = await connect(second, tcp);
  t.match(twice, { status: 409, text: /port 18080\/tcp of the host is mapped to container pid-/ });

  await daemon.stop('SIGKILL');
  await check('without podnetd');
  // The state is that of a podnetd killed before it opened the ports.
  const api = machine.outside(`${machine.runtimeDir}/podnetd/slirp4netns.sock`);
  const asked = await Promise.all(Array.from({ length: 64 }, async () => (await listForwards(api)).length));
  t.strictSame(
    [...new Set(asked)],
    [2],
    'slirp4netns refuses connections while it is busy, and podnetd answers every request',
  );
  for (const { id } of await listForwards(api)) await removeForward(api, id);
  t.equal(await readGreeting(machine, undefined, '127.0.0.1', 18_080), 'ECONNREFUSED');
  daemon = await startUserDaemon(machine);
  for (let tries = 0; (await listForwards(api)).length < 2 && tries < 500; tries += 1) await sleep(10);
  await check('after the next start');
  for (const [pid, command] of machine.processes()) if (command.includes('slirp4netns ')) process.kill(pid, 'SIGKILL');
  t.equal((await connect(second)).status, 200);
  await check('after slirp4netns was lost');

  t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/web/disconnect', { Container: first })).status, 200);
  t.equal(await readGreeting(machine, undefined, '127.0.0.1', 18_080), 'ECONNREFUSED');
  t.equal(await askEcho(machine, '192.0.2.1', 18_053), 'ECONNREFUSED');
  t.equal((await connect(first, tcp)).status, 200, 'the port is free again');
  for (const container of [first, second]) {
    t.equal((await daemon.ask('POST', '/networks/web/disconnect', { Container: container })).status, 200);
  }
});

/** Answers each datagram with itself. */
async function serveEcho(machine: UserMachine, container: number, port: number): Promise<void> {
  const program = `
    const socket = require('dgram').createSocket('udp4');
    socket.on('message', (message, { port, address }) => socket.send(message, port, address));
    socket.bind(${port}, '0.0.0.0', () => console.log('listening'))`;
  const prefix = ['--target', String(container), '--user', '--net', '--preserve-credentials', '--'];
  const [file, args] = machine.wrap('nsenter', [...prefix, machine.node, '--eval', program]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.unref();
}

/** @returns the reply, or the code of the error */
async function askEcho(machine: UserMachine, address: string, port: number): Promise<string> {
  const program = `
    const socket = require('dgram').createSocket('udp4');
    const end = (text) => { process.stdout.write(text); socket.close(); clearTimeout(timer); };
    const timer = setTimeout(() => end('timeout'), 5000);
    socket.on('message', (message) => end(String(message))).on('error', ({ code }) => end(code));
    socket.connect(${port}, '${address}', () => socket.send('ping'))`;
  return await machine.must(machine.node, ['--eval', program]);
}
