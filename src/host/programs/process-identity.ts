import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isShortage, storageError } from '../native-error.js';

/** Number and start time of a process, which no later process with the same number has. */
export interface ProcessId {
  readonly pid: number;
  /** Start of the process since boot, in clock ticks. */
  readonly startTicks: string;
}

export type NamespaceKind = 'user' | 'mnt' | 'net';

const lookAgainMs = 10;

/** The identity of a process; undefined when the process does not exist, or is a zombie. */
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

/** The kernel's name of a process, that of the program it executed last; undefined when it cannot be read. */
export function nameOfProcess(pid: number): string | undefined {
  return readProcFile(pid, 'comm')?.trimEnd();
}

/** A namespace of a process, such as `net:[4026531840]`; undefined when the process ended, or this user may not look. */
export function namespaceOf(pid: number | 'self', kind: NamespaceKind): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** The text of a file of `/proc/<pid>`; undefined when it is missing or unreadable. @throws NetworkError storage for want of descriptors or memory */
export function readProcFile(pid: number, fileName: string): string | undefined {
  const target = `/proc/${pid}/${fileName}`;
  try {
    return fs.readFileSync(target, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw storageError('open', target, error);
    return undefined;
  }
}

/** Processes of this user with the variable in the environment that they started with. */
export function findMarked(variable: string, value: string, euid: number): readonly ProcessId[] {
  const wanted = `${variable}=${value}`;
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOwnedBy(name, euid))
    .filter((name) => readProcFile(Number(name), 'environ')?.split('\0').includes(wanted))
    .flatMap((name) => identifyProcess(Number(name)) ?? []);
}

/** Ends a process: SIGTERM, then SIGKILL after `timeoutMs`. @returns when the process has ended, or `timeoutMs` after SIGKILL */
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
