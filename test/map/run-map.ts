import { spawnSync } from 'node:child_process';
import { daemonScript } from '../support/daemon.js';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs podnetd map as a program. */
export function runMap(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  prefix: readonly string[] = [],
): Outcome {
  const [program = '', ...rest] = [...prefix, process.execPath, daemonScript, 'map', ...args];
  const { status, stdout, stderr } = spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: 100_000,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, CONTAINERS_CONF: '/dev/null', LC_ALL: 'C.UTF-8', ...env },
  });
  return { status, stdout, stderr };
}
