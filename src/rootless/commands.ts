import type { Argv } from '../host/programs/background.js';
import type { IdMapping } from './subordinate-ids.js';

/** Command lines of util-linux and shadow; a prefix runs the program that follows it. */

/** Prefix that enters the user namespace of a process of the same user, and the process's other namespaces given. */
export function enter(pid: number, ...others: readonly ('mount' | 'net')[]): Argv {
  const namespaces = others.map((other) => `--${other}`);
  return ['nsenter', '--target', String(pid), '--user', ...namespaces, '--preserve-credentials', '--'];
}

/** Prefix that enters the network namespace at a path. */
export function enterNetns(target: string): Argv {
  return ['nsenter', `--net=${target}`, '--'];
}

export const unshareUser: Argv = ['unshare', '--user', '--'];

/** Prefix that makes a mount namespace: later mounts of the former one come in, and none go out. */
export const unshareMounts: Argv = ['unshare', '--mount', '--propagation', 'slave', '--'];

/** Makes a network namespace and mounts it at an existing file. */
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
