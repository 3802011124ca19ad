import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Netns } from './netns.js';

export interface InnerProcess {
  readonly pid: number;
  /** Path of the process's network namespace. */
  readonly netns: string;
  end(): Promise<void>;
}

/** Starts a process that sleeps in a network namespace until the test ends. @param env its whole environment, besides PATH */
export async function runInside(
  t: Test,
  netns: Pick<Netns, 'wrap'>,
  env: Readonly<Record<string, string>> = {},
): Promise<InnerProcess> {
  const [file, args] = netns.wrap('sleep', ['1000']);
  const child = spawn(file, [...args], { stdio: 'ignore', env: { PATH: process.env['PATH'], ...env } });
  const ended = once(child, 'exit');
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  t.teardown(end);
  const pid = child.pid ?? 0;
  // Until `sleep` runs, the wrapping program is still in the test's own namespace.
  for (let tries = 0; readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'sleep\n'; tries += 1) {
    if (child.exitCode !== null || tries > 1000) throw new Error(`${file} ${args.join(' ')} did not start`);
    await sleep(5);
  }
  return { pid, netns: `/proc/${pid}/ns/net`, end };
}
