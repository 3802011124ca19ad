import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

export interface Child {
  readonly process: ChildProcess;
  /** The next line of standard output. Rejects when the output ends without one, and then quotes standard error. */
  readLine(): Promise<string>;
  /** Writes a line to standard input. */
  send(line: string): void;
  /** Waits for the end. @returns the exit code, or the signal that ended it, and all of standard error */
  ended(): Promise<{ readonly code: number | NodeJS.Signals | null; readonly errors: string }>;
}

/** Starts a process that ends, with its children, with the test at the latest. */
export function startChild(
  t: Test,
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Child {
  const [file, ...args] = command;
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe'];
  const child = spawn(file, args, { env: { ...process.env, NODE_OPTIONS: '', ...env }, stdio, detached: true });
  const exited = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('a pipe is missing');
  let errors = '';
  stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  stdin.on('error', () => undefined);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  t.teardown(async () => {
    killGroup(child);
    await exited;
  });
  return {
    process: child,
    readLine: async () => {
      const line = await lines.next();
      if (line.done === true) throw new Error(`${command.at(-1)} ended without a word: ${errors}`);
      return line.value;
    },
    send: (line) => void stdin.write(`${line}\n`),
    ended: async () => {
      const [code, signal] = await exited;
      return { code: code ?? signal, errors };
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has no process left.
  }
}
