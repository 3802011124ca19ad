import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Attachment } from '../../src/model/attachment.js';
import { connectAnyhow } from '../support/connect-options.js';
import type { UserMachine } from '../support/user-machine.js';

/** The service of a podnetd that the user runs with all its defaults; each call is a process of its own. */
export interface UserService {
  create(name: string, request?: object): Promise<void>;
  connect(network: string, container: string, options?: object): Promise<Attachment>;
  disconnect(network: string, container: string): Promise<void>;
  /** Containers on a network, as inspect shows them. */
  containers(network: string): Promise<readonly Attachment[]>;
}

/** Lines of the user's containers.conf, in its tables. */
export function writeContainersConf(machine: UserMachine, engine = '', network = ''): void {
  const folder = path.join(machine.home, '.config', 'containers');
  mkdirSync(folder, { recursive: true });
  const tables = ['[network]', 'network_backend = "cni"', 'cni_plugin_dirs = ["/usr/lib/cni"]', network];
  writeFileSync(path.join(folder, 'containers.conf'), [...tables, '[engine]', engine, ''].join('\n'));
  for (const made of [path.dirname(folder), folder]) chownSync(made, machine.uid, machine.uid);
}

/** @param engine lines of containers.conf */
export function makeUserService(machine: UserMachine, engine = ''): UserService {
  writeContainersConf(machine, engine);
  const call = async <T>(expression: string): Promise<T> => {
    const script = `
      import http from 'node:http';
      import { pino } from '${machine.project}/node_modules/pino/pino.js';
      import { loadConfig } from '${machine.project}/dist/config/load.js';
      import { readFlags } from '${machine.project}/dist/config/flags.js';
      import { readIdentity } from '${machine.project}/dist/config/identity.js';
      import { listen } from '${machine.project}/dist/server/listen.js';
      import { wire } from '${machine.project}/dist/wiring/wire.js';
      const config = loadConfig(readFlags(new Map()), process.env, readIdentity(process.env));
      const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
      const daemon = wire(config, log);
      const { attachments } = daemon.services;
      const post = async (path, body) => {
        const socketPath = process.env.XDG_RUNTIME_DIR + '/post.sock';
        const sockets = [{ path: socketPath, mode: 0o600, gid: undefined }];
        const listening = await listen(daemon.app, { sockets, inherited: [], idleTimeoutMs: 0, log });
        const answer = await new Promise((resolve, reject) => {
          http.request({ socketPath, path, method: 'POST' }, resolve).on('error', reject).end(JSON.stringify(body));
        });
        const text = (await answer.toArray()).join('');
        await listening.close(0);
        if (answer.statusCode !== 200) throw new Error(text);
      };
      const value = await (${expression});
      daemon.close();
      const print = (_key, part) => (typeof part === 'bigint' ? String(part) : part);
      process.stdout.write(JSON.stringify({ value }, print));
      process.exit();
    `;
    const output = await machine.must(machine.node, ['--input-type=module', '--eval', script]);
    return (JSON.parse(output) as { value: T }).value;
  };
  const quote = (value: unknown) => JSON.stringify(value);
  return {
    create: async (name, request = {}) =>
      await call(`post('/v5.0.0/libpod/networks/create', ${quote({ name, ...request })})`),
    connect: async (network, container, options = {}) =>
      await call(
        `attachments.connect(${quote(network)}, ${quote(container)}, ${quote({ ...connectAnyhow, ...options })})`,
      ),
    disconnect: async (network, container) =>
      await call(`attachments.disconnect(${quote(network)}, ${quote(container)}, false)`),
    containers: async (network) => await call(`attachments.look().then((view) => view.of(${quote(network)}))`),
  };
}

/** A process of the user with a network namespace of its own, in the user namespace of another if one is named; it ends with the machine. */
export async function startContainer(machine: UserMachine, within?: number): Promise<number> {
  const user =
    within === undefined
      ? ['unshare', '--user', '--map-root-user', '--map-auto', '--']
      : ['nsenter', '--target', String(within), '--user', '--preserve-credentials', '--'];
  const [file, args] = machine.wrap('env', [
    ...user,
    'unshare',
    '--net',
    '--',
    'sh',
    '-c',
    'echo made; exec sleep 1000',
  ]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.unref();
  return child.pid ?? 0;
}

/** Runs a program in a container. @returns stdout */
export async function inContainer(
  machine: UserMachine,
  pid: number,
  file: string,
  args: readonly string[],
): Promise<string> {
  const prefix = ['--target', String(pid), '--user', '--net', '--preserve-credentials', '--'];
  return await machine.must('nsenter', [...prefix, file, ...args]);
}

/** Text of a TCP server that answers each connection with the peer's address. */
export async function serveGreeting(machine: UserMachine, container: number | undefined, port: number): Promise<void> {
  const program = `
    require('net').createServer((c) => c.on('error', () => {}).end('hello ' + c.remoteAddress))
      .listen(${port}, '0.0.0.0', () => console.log('listening'))`;
  const prefix =
    container === undefined
      ? ['env']
      : ['nsenter', '--target', String(container), '--user', '--net', '--preserve-credentials', '--'];
  const [file, args] = machine.wrap('env', [...prefix, machine.node, '--eval', program]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.unref();
}

/** @returns the greeting of a server, or the code of the error */
export async function readGreeting(
  machine: UserMachine,
  container: number | undefined,
  host: string,
  port: number,
): Promise<string> {
  const program = `
    const c = require('net').connect({ host: '${host}', port: ${port}, timeout: 5000 });
    c.on('data', (d) => process.stdout.write(d)).on('error', (e) => process.stdout.write(e.code))
      .on('timeout', () => { process.stdout.write('timeout'); c.destroy(); })`;
  return container === undefined
    ? await machine.must(machine.node, ['--eval', program])
    : await inContainer(machine, container, machine.node, ['--eval', program]);
}

/** @returns the addresses of a name, or the code of the error */
export async function lookUp(machine: UserMachine, container: number, server: string, name: string): Promise<string> {
  const program = `
    const resolver = new (require('dns').Resolver)({ timeout: 2000, tries: 2 });
    resolver.setServers(['${server}']);
    resolver.resolve4('${name}', (error, found) => process.stdout.write(error ? error.code : found.join()))`;
  return await inContainer(machine, container, machine.node, ['--eval', program]);
}
