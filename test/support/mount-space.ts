import { execFileSync } from 'node:child_process';
import type { Netns } from './netns.js';

/** The command line of a program that gets mounts of its own, which end with it. */
export const withOwnMounts: Pick<Netns, 'wrap'> = {
  wrap: (file, args) => ['unshare', ['--mount', '--propagation', 'private', '--', file, ...args]],
};

/** Runs a program among the mounts of a process, and it must succeed. */
export function runAmongMounts(pid: number, file: string, ...args: readonly string[]): void {
  execFileSync('nsenter', ['--target', String(pid), '--mount', '--', file, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Where the test sees what a process sees at a path. */
export function seenBy(pid: number, target: string): string {
  return `/proc/${pid}/root${target}`;
}
