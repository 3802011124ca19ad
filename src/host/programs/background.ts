import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, reasonOf } from '../native-error.js';
import { identifyProcess, nameOfProcess, type ProcessId } from './process-identity.js';

/** A program and its arguments. */
export type Argv = readonly [file: string, ...args: string[]];

/** A program that could not be started or ended too early; for its caller to make a NetworkError of. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly argv: Argv,
    readonly reason: string,
    /** Of the program itself: it is not there, or may not be run. */
    readonly code?: string,
  ) {
    super(`${argv.join(' ')}: ${reason}`);
  }
}

export interface BackgroundOptions {
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Inherited from number 3 on. */
  readonly descriptors?: readonly number[];
}

/** A process that ends with this one, whatever ends this one. */
export interface Holder {
  readonly process: ProcessId;
  end(): Promise<void>;
}

/** The program of {@link startSleeper}. */
export const sleeperName = 'sleep';
/** What of a program's complaints is kept. */
const limitBytes = 64 * 1024;
const startTimeoutMs = 10_000;
const lookAgainMs = 2;

/**
 * Runs `cat` behind a chain of programs that each execute the next: it reads from this process, so it ends when this process does, and
 * keeps alive the namespaces that the chain entered or made.
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
 * Runs `sleep` behind such a chain; it goes on after this process.
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

export function start([file, ...args]: Argv, stdio: StdioOptions, { env }: BackgroundOptions): ChildProcess {
  // In a group of its own, so that a signal to this one's spares it.
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
