import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import type { Podman } from './podman.js';
import { makeScratch } from './scratch.js';

/** Programs that {@link runContainer} needs. */
export const containerTools = ['podman', 'runc', 'busybox', 'ip', 'nsenter', 'unshare', 'findmnt', 'tar'] as const;

/** Flags of `podman run`: limits that root of a container may set. */
export const containerLimits = [
  '--ulimit',
  'nofile=1024:1024',
  '--ulimit',
  'nproc=1024:1024',
  '--security-opt',
  'seccomp=unconfined',
];

/** Runs an idle container until the test ends. @returns its id */
export async function runContainer(
  t: Test,
  podman: Pick<Podman, 'run' | 'must'>,
  name: string,
  network: string,
): Promise<string> {
  const scratch = makeScratch(t);
  const root = path.join(scratch, 'root');
  mkdirSync(path.join(root, 'bin'), { recursive: true });
  copyFileSync(execFileSync('sh', ['-c', 'command -v busybox']).toString().trim(), path.join(root, 'bin/busybox'));
  execFileSync('tar', ['-C', root, '-cf', `${root}.tar`, '.']);
  await podman.must('import', `${root}.tar`, 'idle');
  const place = ['--name', name, '--network', network, ...makeControlGroup(t)];
  t.teardown(async () => await podman.run('rm', '--force', '--ignore', '--time', '0', name));
  const command = ['idle', '/bin/busybox', 'sleep', '300'];
  return (await podman.must('--runtime', 'runc', 'run', '--detach', ...place, ...containerLimits, ...command)).trim();
}

/** @returns flags of `podman run` for a parent of control groups, which goes when the test has removed its containers */
export function makeControlGroup(t: Test): readonly string[] {
  const name = `podnetd-test-${process.pid}`;
  t.teardown(() => removeGroups('/sys/fs/cgroup', name, 2));
  return ['--cgroup-parent', name];
}

/** Removes the empty control groups that a runtime left, in each hierarchy. */
function removeGroups(folder: string, name: string, depth: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const target = path.join(folder, entry.name);
    if (entry.name === name) removeEmpty(target);
    else if (depth > 1) removeGroups(target, name, depth - 1);
  }
}

function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(path.join(folder, entry.name));
  }
  rmdirSync(folder);
}
