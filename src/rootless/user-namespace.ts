import { startHolder, type Argv } from '../host/programs/background.js';
import { identifyProcess, namespaceOf } from '../host/programs/process-identity.js';
import { readSmallFile } from '../host/files/user-folder.js';
import { chain, enter, mapIds, unshareMounts, unshareUser } from './commands.js';
import type { Layout } from './layout.js';
import type { IdMappings } from './prerequisites.js';

/** A process in whose user and mount namespace ours is made. */
export interface Base {
  readonly pid: number;
  /** It is Podman's pause process: what is mounted there, Podman sees. */
  readonly isPodmans: boolean;
  end(): Promise<void>;
}

/** Podman's rootless pause process, when there is one: only in its user namespace can Podman's containers be joined. */
export function findPause(layout: Layout): Base | undefined {
  for (const file of layout.pausePidFiles) {
    const text = readSmallFile(file)?.trim() ?? '';
    const pid = /^\d+$/.test(text) ? Number(text) : 0;
    const user = namespaceOf(pid, 'user');
    // A file that outlived its process may name any other.
    const isOther = user !== undefined && user !== namespaceOf('self', 'user') && namespaceOf(pid, 'mnt') !== undefined;
    if (isOther && identifyProcess(pid) !== undefined)
      return { pid, isPodmans: true, end: async () => await Promise.resolve() };
  }
  return undefined;
}

/**
 * The user namespace of a process that wants to be connected, when nobody is bound to another.
 *
 * @returns undefined when it is the user's own
 */
export function userNamespaceOf(
  netns: string | undefined,
): { readonly pid: number; readonly user: string } | undefined {
  const pid = Number(/^\/proc\/([1-9]\d*)\/ns\/net$/.exec(netns ?? '')?.[1]);
  const user = Number.isNaN(pid) ? undefined : namespaceOf(pid, 'user');
  return user === undefined || user === namespaceOf('self', 'user') ? undefined : { pid, user };
}

/** A mount namespace in the user namespace of a process. @throws StartError */
export async function joinBase(pid: number): Promise<Base> {
  const holder = await startHolder(chain(enter(pid), unshareMounts));
  return { pid: holder.process.pid, isPodmans: false, end: async () => await holder.end() };
}

/**
 * A user namespace of our own with the subordinate ids, and a mount namespace in it; they last as long as somebody is in them.
 *
 * @param step runs a command line to its end; throws when it fails
 * @throws StartError
 */
export async function makeBase({ users, groups }: IdMappings, step: (argv: Argv) => Promise<void>): Promise<Base> {
  const first = await startHolder(unshareUser);
  try {
    await step(mapIds('newuidmap', first.process.pid, users));
    await step(mapIds('newgidmap', first.process.pid, groups));
    // Only what enters the mapped namespace has capabilities in it.
    return await joinBase(first.process.pid);
  } finally {
    await first.end();
  }
}
