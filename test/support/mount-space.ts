import { execFileSync } from 'node:child_process';
import type { Netns } from './netns.js';

/** The command line of a program with mounts of its own, which end with the program. */
export const withOwnMounts: Pick<Netns, 'wrap'> = {
  wrap: (file, args) => ['unshare', ['--mount', '--propagation', 'private', '--', file, ...args]],
};

/** Runs a program in the mount namespace of a process. @throws Error when the program fails */
export function runAmongMounts(pid: number, file: string, ...args: readonly string[]): void {
  execFileSync('nsenter', ['--target', String(pid), '--mount', '--', file, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** The path by which the test sees the file that a process sees at `target`. */
export function seenBy(pid: number, target: string): string {
  return `/proc/${pid}/root${target}`;
}
