import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isShortage, storageError } from '../native-error.js';

/** A process that no later one with the same number is taken for. */
export interface ProcessId {
  readonly pid: number;
  /** Since boot, in clock ticks. */
  readonly startTicks: string;
}

export type NamespaceKind = 'user' | 'mnt' | 'net';

const lookAgainMs = 10;

/** @returns undefined for none, and for one that has ended and is not yet reaped */
export function identifyProcess(pid: number): ProcessId | undefined {
  const stat = readProcFile(pid, 'stat');
  if (stat === undefined) return undefined;
  // The second field, the name, may hold anything; source: proc_pid_stat(5).
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = rest[18];
  return state === 'Z' || state === 'X' || startTicks === undefined ? undefined : { pid, startTicks };
}

export function isLive({ pid, startTicks }: ProcessId): boolean {
  return identifyProcess(pid)?.startTicks === startTicks;
}

/** The name that the kernel gives it: the program that it executed last. */
export function nameOfProcess(pid: number): string | undefined {
  return readProcFile(pid, 'comm')?.trimEnd();
}

/** @returns undefined when it ended, or may not be asked */
export function namespaceOf(pid: number | 'self', kind: NamespaceKind): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** A file of `/proc/<pid>`; undefined when it is not there or not for us. @throws NetworkError storage when that cannot be told */
export function readProcFile(pid: number, fileName: string): string | undefined {
  const target = `/proc/${pid}/${fileName}`;
  try {
    return fs.readFileSync(target, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw storageError('open', target, error);
    return undefined;
  }
}

/** Processes of this user whose environment, as it was when they started, has the variable. */
export function findMarked(variable: string, value: string, euid: number): readonly ProcessId[] {
  const wanted = `${variable}=${value}`;
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOwnedBy(name, euid))
    .filter((name) => readProcFile(Number(name), 'environ')?.split('\0').includes(wanted))
    .flatMap((name) => identifyProcess(Number(name)) ?? []);
}

/** Asks it to end, then makes it. @returns when it has ended, or after twice the time that it had */
export async function endProcess(target: ProcessId, timeoutMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isLive(target)) return;
    try {
      process.kill(target.pid, signal);
    } catch {
      return;
    }
    const until = performance.now() + timeoutMs;
    while (isLive(target) && performance.now() < until) await sleep(lookAgainMs);
  }
}

function isOwnedBy(pid: string, euid: number): boolean {
  try {
    return fs.statSync(`/proc/${pid}`).uid === euid;
  } catch {
    return false;
  }
}
