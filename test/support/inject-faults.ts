import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** System calls of a process that fail, or return late. */
export interface Fault {
  /** Names in strace's notation: one with a question mark need not exist on this machine. */
  readonly calls: string;
  /** `EIO`, `ENOSPC`, … */
  readonly error?: string;
  /** Delay between the end of a call's work and its return. */
  readonly delayMs?: number;
  /** Calls with the fault, in the notation of strace's `when=`, counted per thread; every call by default. */
  readonly when?: string;
}

/**
 * Makes system calls of a running process fail, as a disk or the kernel would, while `use` runs.
 *
 * @param on paths that a call has to name, or have open; empty for all calls
 * @returns the result of `use`
 */
export async function injectFaults<T>(
  pid: number,
  faults: readonly Fault[],
  on: readonly string[],
  use: () => Promise<T>,
): Promise<T> {
  const injected = faults.flatMap(({ calls, error, delayMs, when }) => {
    const effects = [
      ...(error === undefined ? [] : [`error=${error}`]),
      ...(delayMs === undefined ? [] : [`delay_exit=${delayMs * 1_000}`]),
      ...(when === undefined ? [] : [`when=${when}`]),
    ];
    return ['-e', `inject=${calls}:${effects.join(':')}`];
  });
  const traced = faults.map(({ calls }) => calls).join(',');
  const where = on.flatMap((target) => ['-P', target]);
  const args = ['-f', '-p', String(pid), '-o', '/dev/null', '-e', `trace=${traced}`, ...injected, ...where];
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(tracer, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(' attached')) resolve();
    });
    tracer.once('exit', () => reject(new Error(`strace did not attach: ${said}`)));
  });
  try {
    return await use();
  } finally {
    // strace detaches on SIGTERM, and the process goes on.
    tracer.kill('SIGTERM');
    await ended;
  }
}
