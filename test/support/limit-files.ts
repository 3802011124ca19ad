import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Lets a running process open `more` further files, but not one beyond. */
export function limitFiles(pid: number, more: number): void {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  // The kernel hands out the lowest free number, but none from the limit on.
  let limit = 0;
  for (let free = 0; free < more || open.has(limit); limit += 1) if (!open.has(limit)) free += 1;
  setLimit(pid, limit);
}

export function liftFileLimit(pid: number): void {
  setLimit(pid, 1024);
}

function setLimit(pid: number, limit: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:`]);
}
