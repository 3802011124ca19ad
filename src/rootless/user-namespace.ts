import { startHolder, type Argv } from '../host/programs/background.js';
import { identifyProcess, namespaceOf } from '../host/programs/process-identity.js';
import { readSmallFile } from '../host/files/user-folder.js';
import { chain, enter, mapIds, unshareMounts, unshareUser } from './commands.js';
import type { Layout } from './layout.js';
import type { IdMappings } from './prerequisites.js';

/** A process in whose user and mount namespace podnetd makes its network namespace. */
export interface Base {
  readonly pid: number;
  /** True for Podman's pause process, so that Podman sees podnetd's mounts. */
  readonly isPodmans: boolean;
  end(): Promise<void>;
}

/** Podman's rootless pause process, when it runs: Podman's containers can be connected in its user namespace alone. */
export function findPause(layout: Layout): Base | undefined {
  for (const file of layout.pausePidFiles) {
    const text = readSmallFile(file)?.trim() ?? '';
    const pid = /^\d+$/.test(text) ? Number(text) : 0;
    const user = namespaceOf(pid, 'user');
    // A file that outlived its process may hold the id of another.
    const isOther = user !== undefined && user !== namespaceOf('self', 'user') && namespaceOf(pid, 'mnt') !== undefined;
    if (isOther && identifyProcess(pid) !== undefined)
      return { pid, isPodmans: true, end: async () => await Promise.resolve() };
  }
  return undefined;
}

/**
 * The user namespace of the process in a path `/proc/<pid>/ns/net`.
 *
 * @returns undefined for another path, and for podnetd's own user namespace
 */
export function userNamespaceOf(
  netns: string | undefined,
): { readonly pid: number; readonly user: string } | undefined {
  const pid = Number(/^\/proc\/([1-9]\d*)\/ns\/net$/.exec(netns ?? '')?.[1]);
  const user = Number.isNaN(pid) ? undefined : namespaceOf(pid, 'user');
  return user === undefined || user === namespaceOf('self', 'user') ? undefined : { pid, user };
}

/** Makes a mount namespace in the user namespace of a process. @throws StartError */
export async function joinBase(pid: number): Promise<Base> {
  const holder = await startHolder(chain(enter(pid), unshareMounts));
  return { pid: holder.process.pid, isPodmans: false, end: async () => await holder.end() };
}

/**
 * Makes a user namespace with the subordinate ids, and a mount namespace in it; both last while a process is in them.
 *
 * @param step runs a command line to its end; throws when it fails
 * @throws StartError
 */
export async function makeBase({ users, groups }: IdMappings, step: (argv: Argv) => Promise<void>): Promise<Base> {
  const first = await startHolder(unshareUser);
  try {
    await step(mapIds('newuidmap', first.process.pid, users));
    await step(mapIds('newgidmap', first.process.pid, groups));
    // Only a process that enters the mapped namespace has capabilities in it.
    return await joinBase(first.process.pid);
  } finally {
    await first.end();
  }
}
