import { readdirSync, readFileSync } from 'node:fs';
import { readDescriptorLimit } from './descriptor-limit.js';

/** How much podnetd's own process has and has used; undefined where the kernel does not show it. */
export interface ProcessFigures {
  readonly startedAtSeconds: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number | undefined;
  readonly heapUsedBytes: number;
  readonly heapBytes: number;
  readonly openDescriptors: number | undefined;
  /** Infinity when there is no limit. */
  readonly maxDescriptors: number;
  /** Since the start. */
  readonly loopActiveSeconds: number;
  readonly loopIdleSeconds: number;
}

const kibibyte = 1024;
const millisecond = 1 / 1_000;
const microsecond = 1 / 1_000_000;

export function readProcessFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const { active, idle } = performance.eventLoopUtilization();
  return {
    startedAtSeconds: performance.timeOrigin * millisecond,
    cpuSeconds: (user + system) * microsecond,
    residentBytes: rss,
    virtualBytes: readVirtualBytes(),
    heapUsedBytes: heapUsed,
    heapBytes: heapTotal,
    openDescriptors: countDescriptors(),
    maxDescriptors: readDescriptorLimit(),
    loopActiveSeconds: active * millisecond,
    loopIdleSeconds: idle * millisecond,
  };
}

/** source: linux Documentation/filesystems/proc.rst, "VmSize" */
function readVirtualBytes(): number | undefined {
  try {
    const [, size] = /^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return size === undefined ? undefined : Number(size) * kibibyte;
  } catch {
    return undefined;
  }
}

function countDescriptors(): number | undefined {
  try {
    // One of them reads the folder.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}
