import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Answer } from '../support/client.js';
import type { UserMachine } from '../support/user-machine.js';

/** `node dist/podnetd.cjs` of the user, with all its defaults, on its own socket. */
export interface UserDaemon {
  readonly process: ChildProcess;
  /** Path as the test sees it. */
  readonly socket: string;
  log(): string;
  ask(method: string, url: string, body?: unknown): Promise<Answer>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface UserDaemonOptions {
  readonly args?: readonly string[];
  /** Set in its environment, or taken out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path as the user sees it. */
  readonly socket?: string;
}

/** Starts a daemon that ends with the machine. */
export async function startUserDaemon(machine: UserMachine, options: UserDaemonOptions = {}): Promise<UserDaemon> {
  const { args = [], env = {}, socket = `${machine.runtimeDir}/podnetd/podnetd.sock` } = options;
  const changes = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? ['-u', name] : [`${name}=${value}`],
  );
  const unsettings = changes.filter((_, index) => changes[index] === '-u' || changes[index - 1] === '-u');
  const settings = changes.filter((change) => !unsettings.includes(change));
  const program = [machine.node, `${machine.project}/dist/podnetd.cjs`, ...args];
  const [file, wrapped] = machine.wrap('env', [...unsettings, ...settings, ...program]);
  const child = spawn(file, [...wrapped], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = once(child, 'close');
  const seen = machine.outside(socket);
  for (let tries = 0; !output.includes('"msg":"listening"'); tries += 1) {
    if (child.exitCode !== null || tries > 1000) throw new Error(`the daemon did not start: ${output}`);
    await sleep(10);
  }
  return {
    process: child,
    socket: seen,
    log: () => output,
    ask: async (method, url, body) => await ask(seen, method, url, body),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    },
  };
}

/** Files of the user's run-time folder, by path in it, without those that stay after any use: sockets, locks and the last lease. */
export async function listRuntimeFiles(machine: UserMachine): Promise<readonly string[]> {
  const root = machine.runtimeDir;
  const found = await machine.mustRoot('find', [root, '-mindepth', '1', '!', '-type', 'd']);
  return found
    .split('\n')
    .filter(Boolean)
    .map((file) => path.relative(root, file))
    .filter(
      (file) => !/^podnetd\/(podnetd\.sock|.*\.lock)|\/(lock|podnetd-rules\.lock|last_reserved_ip\.\d)$/.test(file),
    )
    .toSorted();
}

export function isThere(machine: UserMachine, target: string): boolean {
  return existsSync(machine.outside(target));
}
