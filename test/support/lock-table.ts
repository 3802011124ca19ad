import { readFileSync, statSync } from 'node:fs';

/** The processes that hold the kernel's lock on a file, and the number of those that wait for it. */
export interface LockTable {
  /** Process ids; -1 for a lock of a file description, which the kernel ascribes to no process. */
  readonly holders: readonly number[];
  readonly waiting: number;
}

export function readLockTable(file: string): LockTable {
  const { ino } = statSync(file);
  const lines = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`:${ino} `));
  const holders = lines.filter((line) => !line.includes('->'));
  return {
    holders: holders.map((line) => Number(/ (-?\d+) [0-9a-f]+:[0-9a-f]+:\d+ /.exec(line)?.[1])),
    waiting: lines.length - holders.length,
  };
}
