import { readFileSync } from 'node:fs';

/** source: linux fs/proc/base.c proc_pid_limits; Node raises the soft limit to the hard one when it starts. */
const openFiles = /^Max open files +(\d+|unlimited) /m;

/** How many file descriptors this process may have open; Infinity when the kernel names no limit. */
export function readDescriptorLimit(): number {
  try {
    const [, soft] = openFiles.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined || soft === 'unlimited' ? Infinity : Number(soft);
  } catch {
    // Without /proc the limit shows only as EMFILE.
    return Infinity;
  }
}
