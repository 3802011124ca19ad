import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import type { Machine } from '../model/machine.js';

/** Go's names of processors, where they differ from Node's. */
const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** The machine as it is now; a value that cannot be read is empty or 0. */
export function readMachine(rootless: boolean): Machine {
  const memory = readPairs('/proc/meminfo', /^(\w+):\s+(\d+) kB$/gm);
  const bytesOf = (key: string) => Number(memory.get(key) ?? 0) * 1024;
  const release = readPairs('/etc/os-release', /^(\w+)=["']?(.*?)["']?$/gm);
  return {
    hostname: os.hostname(),
    architecture: goArchitectures[os.arch()] ?? os.arch(),
    kernel: os.release(),
    // As Go's runtime.NumCPU: the processors that this process may run on.
    cpus: os.availableParallelism(),
    memoryBytes: { total: os.totalmem(), free: bytesOf('MemFree') },
    swapBytes: { total: bytesOf('SwapTotal'), free: bytesOf('SwapFree') },
    uptimeSeconds: os.uptime(),
    distribution: {
      id: release.get('ID') ?? '',
      version: release.get('VERSION_ID') ?? '',
      fullName: release.get('PRETTY_NAME') ?? '',
    },
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1',
    rootless,
  };
}

function readPairs(file: string, line: RegExp): ReadonlyMap<string, string> {
  try {
    const found = readFileSync(file, 'utf8').matchAll(line);
    return new Map(Array.from(found, ([, key = '', value = '']) => [key, value]));
  } catch {
    return new Map();
  }
}
