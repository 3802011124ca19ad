import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pollOnce } from '../own-process/event-loop.js';
import { codeOf, reasonOf } from '../native-error.js';

export interface RunOptions {
  readonly stdin?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of stdout; what is past it kills the program. Of stderr as much is kept, and the rest is dropped. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  /** Descriptors that the program and its children inherit from number 3 on. */
  readonly descriptors?: readonly number[];
}

/** How a program came to its end; judging the exit code is the caller's. */
export type RunOutcome =
  | { readonly kind: 'notStarted'; readonly code: string | undefined; readonly reason: string }
  | ({ readonly kind: 'ended'; readonly exitCode: number | null; readonly signal: string | null } & Output)
  | ({ readonly kind: 'killed'; readonly cause: 'deadline' | 'output' | 'signal' } & Output);

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A child that left its output to a daemon has ended all the same; this long is waited for what is still in the pipes. */
const drainMs = 500;
/** A process that not even SIGKILL ends (it waits in the kernel) must not keep its caller waiting. */
const burialMs = 5_000;

/** Runs a program in a process group of its own, which is killed as a whole past the deadline, past the output limit or on a signal. */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<RunOutcome> {
  let child: ChildProcess;
  try {
    child = spawn(file, args, {
      detached: true,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe', ...(options.descriptors ?? [])],
    });
  } catch (error) {
    return notStarted(error);
  }
  return await follow(child, options);
}

async function follow(child: ChildProcess, options: RunOptions): Promise<RunOutcome> {
  return await new Promise((resolve) => {
    let killed: 'deadline' | 'output' | 'signal' | undefined;
    let burial: NodeJS.Timeout | undefined;
    let drain: NodeJS.Timeout | undefined;
    const kill = (cause: 'deadline' | 'output' | 'signal') => {
      if (killed !== undefined) return;
      killed = cause;
      killGroup(child);
      burial = setTimeout(() => finish(null, null), burialMs);
    };
    const stdout = collect(child.stdout, options.maxOutputBytes, () => kill('output'));
    const stderr = collect(child.stderr, options.maxOutputBytes, () => {});
    const deadline = setTimeout(() => kill('deadline'), options.timeoutMs);
    const onAbort = () => kill('signal');
    const settle = (outcome: RunOutcome) => {
      for (const timer of [deadline, burial, drain]) clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      resolve(outcome);
    };
    const finish = (exitCode: number | null, signal: string | null) => {
      const output = { stdout: stdout(), stderr: stderr() };
      settle(
        killed === undefined
          ? { kind: 'ended', exitCode, signal, ...output }
          : { kind: 'killed', cause: killed, ...output },
      );
    };
    child.once('error', (error) => settle(notStarted(error)));
    child.once('exit', (exitCode, signal) => {
      // Past its end there is nobody left to be late.
      clearTimeout(deadline);
      // A loop that was busy meanwhile reads what is in the pipes before it gives them up.
      drain = setTimeout(() => void pollOnce().then(() => finish(exitCode, signal)), drainMs);
    });
    child.once('close', finish);
    // A program that ends without reading its input is judged by how it ends.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted === true) onAbort();
  });
}

function notStarted(error: unknown): RunOutcome {
  return { kind: 'notStarted', code: codeOf(error), reason: reasonOf(error) };
}

/** @returns reads what has come so far */
function collect(stream: Readable | null, limitBytes: number, onFlood: () => void): () => string {
  const chunks: Buffer[] = [];
  let left = limitBytes;
  stream?.on('data', (chunk: Buffer) => {
    if (chunk.length > left) onFlood();
    if (left > 0) chunks.push(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
  });
  stream?.on('error', () => {});
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
