import type { Argv } from '../host/programs/background.js';
import type { IdMapping } from './subordinate-ids.js';

/** Command lines of util-linux and shadow; a prefix takes the program to run at its end. */

/** Into the user namespace of a process, whose owner we are, and which of its others are named. */
export function enter(pid: number, ...others: readonly ('mount' | 'net')[]): Argv {
  const namespaces = others.map((other) => `--${other}`);
  return ['nsenter', '--target', String(pid), '--user', ...namespaces, '--preserve-credentials', '--'];
}

export function enterNetns(target: string): Argv {
  return ['nsenter', `--net=${target}`, '--'];
}

export const unshareUser: Argv = ['unshare', '--user', '--'];

/** Mounts come in from the mount namespace that it is made from and none go out. */
export const unshareMounts: Argv = ['unshare', '--mount', '--propagation', 'slave', '--'];

/** Makes a network namespace and mounts it at a file that is there. */
export function makeNetns(target: string): Argv {
  return ['unshare', `--net=${target}`, '--', 'true'];
}

export function removeTree(folder: string): Argv {
  return ['rm', '-rf', '--one-file-system', '--', folder];
}

export function mapIds(program: 'newuidmap' | 'newgidmap', pid: number, mappings: readonly IdMapping[]): Argv {
  return [
    program,
    String(pid),
    ...mappings.flatMap(({ inside, outside, count }) => [inside, outside, count].map(String)),
  ];
}

export function chain(prefix: Argv, ...rest: readonly (readonly string[])[]): Argv {
  return [...prefix, ...rest.flat()];
}
