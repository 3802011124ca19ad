import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from './accepts.js';
import type { Test } from 'tap';

export interface Outcome {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** A network namespace of one test: its links, rules and sysctls end with the test, whatever happened inside. */
export interface Netns {
  readonly name: string;
  /** The path for CNI_NETNS. */
  readonly path: string;
  run(file: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs `ip ARGS` inside. @returns stdout @throws Error when it fails */
  ip(...args: readonly string[]): Promise<string>;
  /** The command line that runs a program inside. */
  wrap(file: string, args: readonly string[]): readonly [file: string, args: readonly string[]];
}

let made = 0;

/** Makes a namespace that ends with the test. @param stays false when {@link removeNetns} may remove it earlier */
export function makeNetns(t: Test, stays = true): Netns {
  made += 1;
  const name = `podnetd-test-${process.pid}-${made}`;
  const file = `/run/netns/${name}`;
  execFileSync('ip', ['netns', 'add', name]);
  t.teardown(() => {
    if (stays || existsSync(file)) removeNetns({ name });
  });
  execFileSync('ip', ['-netns', name, 'link', 'set', 'lo', 'up']);
  const wrap = (program: string, args: readonly string[]) =>
    ['nsenter', [`--net=${file}`, '--', program, ...args]] as const;
  const run = async (program: string, args: readonly string[], options?: RunOptions) =>
    await runProgram(...wrap(program, args), options);
  return {
    name,
    path: file,
    wrap,
    run,
    ip: async (...args) => {
      const { code, stdout, stderr } = await run('ip', args);
      if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
  };
}

export function removeNetns({ name }: Pick<Netns, 'name'>): void {
  // A plugin's daemon (dnsmasq) left inside would keep the namespace alive.
  const pids = execFileSync('ip', ['netns', 'pids', name]).toString().split('\n').filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // The process has ended meanwhile.
    }
  }
  execFileSync('ip', ['netns', 'delete', name]);
}

/** Runs a program to its end, whatever its exit code. */
export async function runProgram(file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...options.env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // EPIPE of a program that does not read its input is ignored: its exit code decides.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin ?? '');
  });
}

/** Starts a program that serves a Unix socket inside a namespace until the test ends, and waits until it listens. */
export async function serveInside(
  t: Test,
  netns: Netns,
  socket: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(...netns.wrap(file, args), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  t.teardown(async () => {
    child.kill();
    await ended;
  });
  for (let tries = 0; !(await accepts(socket)); tries += 1) {
    if (child.exitCode !== null || tries > 1000) throw new Error(`${file} did not start: ${errors}`);
    await sleep(10);
  }
}
