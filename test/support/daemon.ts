import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { ask, type Answer } from './client.js';
import type { Netns } from './netns.js';
import { makeScratch } from './scratch.js';

export const daemonScript = path.resolve(import.meta.dirname, '../../dist/podnetd.cjs');

export interface TestDaemon {
  readonly process: ChildProcess;
  readonly socket: string;
  /** The folder of conflists. */
  readonly folder: string;
  /** Absolute path of its podnetd.toml. */
  readonly settingsFile: string;
  /** Results of libcni. */
  readonly cacheDir: string;
  /** The path by which the test sees the folder where the daemon and its plugins have leases. */
  readonly leaseDir: string;
  /** Log lines so far, parsed. */
  log(): readonly Readonly<Record<string, unknown>>[];
  ask(method: string, url: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends a signal and waits for the end. @returns the exit code; null after SIGKILL */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface DaemonOptions {
  readonly folder?: string;
  readonly args?: readonly string[];
  /** Namespace in which the daemon runs, and whose links alone it sees; a host has leases of its own too. */
  readonly netns?: Pick<Netns, 'wrap'> & { readonly leaseDir?: string };
  /** Text of the only containers.conf that the daemon reads. */
  readonly containersConf?: string;
  /** Text of the only podnetd.toml that the daemon reads. */
  readonly podnetdToml?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another copy of the bundle. */
  readonly script?: string;
  /** The program that runs it, and its arguments; this process's Node by default. */
  readonly node?: readonly string[];
  /** Program that runs the daemon, such as `prlimit`, and its arguments. */
  readonly prefix?: readonly string[];
}

/** Starts the built daemon on a socket, a folder and a `/var/lib/cni` of its own; it ends with the test. */
export async function startDaemon(t: Test, options: DaemonOptions = {}): Promise<TestDaemon> {
  const scratch = makeScratch(t);
  const socket = path.join(scratch, 'podnetd.sock');
  const folder = options.folder ?? path.join(scratch, 'net.d');
  mkdirSync(folder, { recursive: true });
  const cacheDir = path.join(scratch, 'cni');
  const leases = options.netns?.leaseDir === undefined ? makeLeases(scratch) : { dir: options.netns.leaseDir };
  const containersConf = path.join(scratch, 'containers.conf');
  writeFileSync(containersConf, options.containersConf ?? '');
  const settingsFile = path.join(scratch, 'podnetd.toml');
  writeFileSync(settingsFile, options.podnetdToml ?? '');
  const places = [
    '--config',
    settingsFile,
    '--listen',
    `unix://${socket}`,
    '--cni-config-dir',
    folder,
    '--cni-cache-dir',
    cacheDir,
  ];
  const flags = [...places, ...(options.args ?? [])];
  const [program = '', ...programArgs] = [
    ...(leases.prefix ?? []),
    ...(options.prefix ?? []),
    ...(options.node ?? [process.execPath]),
    options.script ?? daemonScript,
    ...flags,
  ];
  const command = [program, programArgs] as const;
  const child = spawn(...(options.netns?.wrap(...command) ?? command), {
    env: { ...process.env, CONTAINERS_CONF: containersConf, ...leases.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit');
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    return child.exitCode;
  };
  t.teardown(async () => await stop());
  for (let tries = 0; !existsSync(socket); tries += 1) {
    if (child.exitCode !== null || tries > 3000) throw new Error(`the daemon did not start: ${errors}${output}`);
    await sleep(10);
  }
  return {
    process: child,
    socket,
    folder,
    settingsFile,
    cacheDir,
    leaseDir: leases.dir,
    log: () =>
      output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    ask: async (method, url, body, headers) => await ask(socket, method, url, body, headers),
    stop,
  };
}

interface Leases {
  /** The path by which the test sees host-local's folder. */
  readonly dir: string;
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder of leases of one daemon: of root in a mount namespace, of another user in a runtime directory. */
function makeLeases(scratch: string): Leases {
  if (process.getuid?.() !== 0) {
    const runtimeDir = path.join(scratch, 'run');
    mkdirSync(runtimeDir, { mode: 0o700 });
    return { dir: path.join(runtimeDir, 'rootless-cni/var/lib/cni/networks'), env: { XDG_RUNTIME_DIR: runtimeDir } };
  }
  const own = path.join(scratch, 'var-lib-cni');
  for (const folder of [own, '/var/lib/cni']) mkdirSync(folder, { recursive: true });
  const script = 'mount --bind "$0" /var/lib/cni && exec "$@"';
  const prefix = ['unshare', '--mount', '--propagation', 'slave', '--', 'sh', '-c', script, own];
  return { dir: path.join(own, 'networks'), prefix };
}
