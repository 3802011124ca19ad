import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, reasonOf } from '../native-error.js';
import { identifyProcess, nameOfProcess, type ProcessId } from './process-identity.js';

/** A program and its arguments. */
export type Argv = readonly [file: string, ...args: string[]];

/** A program could not be started or ended too early. The caller turns this into a NetworkError. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly argv: Argv,
    readonly reason: string,
    /** Code of the kernel when it could not execute the program, such as ENOENT or EACCES. */
    readonly code?: string,
  ) {
    super(`${argv.join(' ')}: ${reason}`);
  }
}

export interface BackgroundOptions {
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptors that the program inherits from number 3 on. */
  readonly descriptors?: readonly number[];
}

/** A process that ends when this one does, however this one ends. */
export interface Holder {
  readonly process: ProcessId;
  end(): Promise<void>;
}

/** The program of {@link startSleeper}. */
export const sleeperName = 'sleep';
/** Characters of a program's standard error that are kept. */
const limitBytes = 64 * 1024;
const startTimeoutMs = 10_000;
const lookAgainMs = 2;

/**
 * Runs `cat` behind a chain of programs that each execute the next. `cat` keeps alive the namespaces that the chain entered or made, and ends
 * with this process, because it reads from it.
 *
 * @throws StartError
 */
export async function startHolder(prefix: Argv): Promise<Holder> {
  const argv: Argv = [...prefix, 'cat'];
  const child = start(argv, ['pipe', 'ignore', 'pipe'], {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const process = await waitForProgram(child, argv, 'cat');
  return {
    process,
    end: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}

/**
 * Runs `sleep` behind such a chain; `sleep` outlives this process.
 *
 * @throws StartError
 */
export async function startSleeper(prefix: Argv, options: BackgroundOptions): Promise<ProcessId> {
  const argv: Argv = [...prefix, sleeperName, 'infinity'];
  const child = start(argv, ['ignore', 'ignore', 'pipe', ...(options.descriptors ?? [])], options);
  const found = await waitForProgram(child, argv, sleeperName);
  child.stderr?.destroy();
  child.unref();
  return found;
}

/** Starts a program that a later end of this process does not end. */
export function start([file, ...args]: Argv, stdio: StdioOptions, { env }: BackgroundOptions): ChildProcess {
  // Detached: a signal to the process group of podnetd does not reach the program.
  return spawn(file, args, { detached: true, cwd: '/', stdio, env: { ...process.env, ...env } });
}

async function waitForProgram(child: ChildProcess, argv: Argv, name: string): Promise<ProcessId> {
  let complaint = '';
  let failure: StartError | undefined;
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(0, limitBytes)));
  child.once('error', (error) => (failure = new StartError(argv, reasonOf(error), codeOf(error))));
  child.once('close', (code, signal) => {
    failure ??= new StartError(argv, complaint.trim() || `it ended with ${signal ?? `exit status ${code}`}`);
  });
  const until = performance.now() + startTimeoutMs;
  for (;;) {
    if (failure !== undefined) throw failure;
    const found = child.pid !== undefined && nameOfProcess(child.pid) === name ? identifyProcess(child.pid) : undefined;
    if (found !== undefined) return found;
    if (performance.now() > until) {
      child.kill('SIGKILL');
      throw new StartError(argv, `it did not start within ${startTimeoutMs} ms`);
    }
    await sleep(lookAgainMs);
  }
}
