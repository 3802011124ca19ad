import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Numbers of a process's open descriptors and inotify watches. */
export interface ProcessCounts {
  readonly descriptors: number;
  readonly watches: number;
}

export function countOpen(pid: number): ProcessCounts {
  const descriptors = readdirSync(`/proc/${pid}/fdinfo`);
  const watches = descriptors.map((fd) => readOf(`/proc/${pid}/fdinfo/${fd}`).match(/^inotify wd:/gm)?.length ?? 0);
  return { descriptors: descriptors.length, watches: watches.reduce((sum, count) => sum + count, 0) };
}

/** Waits a while until the counts are within `limits`, because a request closes its files a little later. @returns the last counts */
export async function settleOpen(pid: number, limits: ProcessCounts): Promise<ProcessCounts> {
  for (let tries = 0; ; tries += 1) {
    const now = countOpen(pid);
    if ((now.descriptors <= limits.descriptors && now.watches <= limits.watches) || tries >= 500) return now;
    await sleep(10);
  }
}

function readOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
