import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pollOnce } from '../own-process/event-loop.js';
import { codeOf, reasonOf } from '../native-error.js';

export interface RunOptions {
  readonly stdin?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Limit of stdout, past which the program is killed. As many bytes of stderr are kept, and the rest is dropped. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal;
  /** Descriptors that the program and its children inherit from number 3 on. */
  readonly descriptors?: readonly number[];
}

/** How a program ended; the caller judges its exit code. */
export type RunOutcome =
  | { readonly kind: 'notStarted'; readonly code: string | undefined; readonly reason: string }
  | ({ readonly kind: 'ended'; readonly exitCode: number | null; readonly signal: string | null } & Output)
  | ({ readonly kind: 'killed'; readonly cause: 'deadline' | 'output' | 'signal' } & Output);

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** How long podnetd reads on after the end of a program, because a daemon that inherited the pipes may keep them open. */
const drainMs = 500;
/** How long podnetd waits for the end of a killed process: one that waits in the kernel does not end by SIGKILL. */
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
      // An ended program cannot miss its deadline.
      clearTimeout(deadline);
      // After a busy time the event loop still has to read the pipes before podnetd gives them up.
      drain = setTimeout(() => void pollOnce().then(() => finish(exitCode, signal)), drainMs);
    });
    child.once('close', finish);
    // EPIPE of a program that does not read its input is ignored: its end decides.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin ?? '');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted === true) onAbort();
  });
}

function notStarted(error: unknown): RunOutcome {
  return { kind: 'notStarted', code: codeOf(error), reason: reasonOf(error) };
}

/** Collects the output of a program. @returns a function that returns the output so far */
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
    // The group has ended meanwhile.
  }
}
