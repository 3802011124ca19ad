import type { Argv } from '../host/programs/background.js';
import { KernelLock } from '../host/file-locks/kernel-lock.js';
import type { Address } from '../model/address.js';
import type { BridgeRemoval } from '../host/netlink/links.js';
import { linkNames, mountedNamespace, routedPrefixes } from '../host/namespaces/namespace-view.js';
import { isLive, namespaceOf } from '../host/programs/process-identity.js';
import { completePath } from '../host/programs/find-program.js';
import type { KernelPrefix } from '../host/netlink/prefixes.js';
import { tapName } from '../host/slirp4netns/process.js';
import { existing, listNames, makePrivateFolder } from '../host/files/user-folder.js';
import { NetworkError } from '../model/errors/errors.js';
import type { HeldNamespace } from '../network/dependencies/namespaces.js';
import { KeyedQueue } from '../model/keyed-queue.js';
import { removeInnerBridge } from './bridges.js';
import { chain, enter, enterNetns, unshareMounts } from './commands.js';
import { layOut, type Layout } from './layout.js';
import { NamespaceMaker } from './making.js';
import { ownerVariables } from './owner-variables.js';
import { NamespaceMender } from './mending.js';
import { requireRuntimeDir } from './prerequisites.js';
import type { NamespaceSettings } from './settings.js';
import { readState, writeState, type NamespaceState } from './state.js';
import { runCommand } from './run-command.js';
import { findPause, userNamespaceOf } from './user-namespace.js';

/**
 * How podnetd found the namespace: as podnetd left it, without slirp4netns (so that podnetd started it again), or not at all (so that podnetd made
 * it). A new namespace counts as gone until {@link RootlessNamespace.settle}.
 */
export type Found = 'whole' | 'unplugged' | 'gone';

/** The purpose for which a namespace is needed. */
export interface Wish {
  /** Path of the network namespace that is to be connected. */
  readonly target?: string | undefined;
  /** No container is attached, so that another user namespace may be chosen. */
  readonly isVacant?: boolean;
}

const lockTimeoutMs = 60_000;

/**
 * The network namespace of a user, with the bridges, rules and leases that are on the host for root.
 *
 * A sleeping process keeps it, with a mount namespace for plugins; each program runs in a copy of the mount namespace. Both end with
 * {@link RootlessNamespace.release}, or when the user logs out.
 */
export class RootlessNamespace {
  readonly layout: Layout;
  readonly #lock: KernelLock;
  readonly #mender: NamespaceMender;
  readonly #maker: NamespaceMaker;
  readonly #queue = new KeyedQueue();

  constructor(private readonly settings: NamespaceSettings) {
    this.layout = layOut(settings.runtimeDir);
    this.#mender = new NamespaceMender(settings, this.layout);
    this.#maker = new NamespaceMaker(settings, this.layout, this.#mender);
    this.#lock = new KernelLock(this.layout.lockFile);
  }

  /**
   * Makes or repairs the namespace and its connection to the outside. podnetd makes it in the user namespace of Podman's rootless containers, else of
   * the target, else in a new one, because only namespaces of one user namespace can be connected.
   *
   * @throws NetworkError plugin, storage, busy
   */
  async ensure({ target, isVacant = false }: Wish = {}): Promise<Found> {
    return await this.#alone(async () => {
      let state = this.#living();
      if (state === undefined || isReplaced(state) || (isVacant && this.#isApart(state, target))) {
        await this.#maker.make(target);
        return 'gone';
      }
      if (mountedNamespace(state.keeper.pid, state.netns) === undefined) state = await this.#mender.mountAgain(state);
      const isPlugged = linkNames(state.keeper.pid).includes(tapName);
      if (!isPlugged) await this.#mender.restartSlirp(state);
      if (!state.settled) return 'gone';
      return isPlugged ? 'whole' : 'unplugged';
    });
  }

  /** Records that earlier attachments were attached to a new namespace again, as far as possible. @throws NetworkError storage, busy */
  async settle(): Promise<void> {
    await this.#alone(async () => {
      const state = await Promise.resolve(this.#living());
      if (state !== undefined) writeState(this.layout.stateFile, { ...state, settled: true });
    });
  }

  /** Checks that a network namespace can be entered from this one. @throws NetworkError invalid when it belongs to another user namespace */
  async checkReach({ path: netns, descriptor }: Pick<HeldNamespace, 'path' | 'descriptor'>): Promise<void> {
    const state = this.#living();
    if (state === undefined) return;
    try {
      await runCommand(chain(enter(state.keeper.pid, 'mount'), enterNetns('/proc/self/fd/3'), ['true']), [descriptor]);
    } catch (error) {
      const reason = 'it cannot be entered from the user namespace of those that are connected; disconnect them first';
      throw new NetworkError('netnsUnusable', { netns, reason }, { cause: error });
    }
  }

  /** The command line that runs a program in a user namespace from which a network namespace can be entered; makes none. */
  wrapForNetns(argv: Argv, target: string): Argv {
    const user = userNamespaceOf(target);
    const witness = this.witness();
    if (user !== undefined && (witness === undefined || namespaceOf(witness, 'user') !== user.user)) {
      return chain(enter(user.pid), argv);
    }
    return witness === undefined ? argv : chain(enter(witness, 'mount'), argv);
  }

  /** Path by which this process sees a path of the user's mount namespaces; undefined when no process is known that sees it. */
  see(target: string): string | undefined {
    if (target.startsWith('/proc/')) return target;
    const witness = this.witness();
    return witness === undefined ? undefined : `/proc/${witness}/root${target}`;
  }

  /** The command line that runs a program inside, in a mount namespace of its own. @throws NetworkError plugin when there is no namespace */
  wrap(argv: Argv): Argv {
    const state = this.#living();
    if (state === undefined) throw new NetworkError('namespaceFailed', { step: 'enter', reason: 'it is not there' });
    // Plugins run iptables, which is not in the PATH of an ordinary user.
    const env: Argv = ['env', `PATH=${completePath()}`, `${ownerVariables.plugin}=${this.layout.ownDir}`];
    return chain(enter(state.keeper.pid, 'mount', 'net'), unshareMounts, env, argv);
  }

  /** Paths by which this process sees the namespace, and those that Podman made for the same purpose. */
  ownPaths(): readonly string[] {
    const { netns, netnsDir, podman4 } = this.layout;
    const state = this.#living();
    const mounted = [netns, ...listNames(netnsDir, podman4.netnsPrefix).map((name) => `${netnsDir}/${name}`)];
    const witness = state?.keeper.pid ?? findPause(this.layout)?.pid;
    return [
      ...(state === undefined ? [] : [`/proc/${state.keeper.pid}/ns/net`]),
      ...(witness === undefined ? [] : mounted.map((target) => `/proc/${witness}/root${target}`)),
    ];
  }

  /** Whether the namespace is there. */
  exists(): boolean {
    return this.#living() !== undefined;
  }

  /** Whether there is a namespace, or the remains of one that a killed podnetd was making or ending. */
  hasTraces(): boolean {
    return this.#mender.hasTraces();
  }

  /** Id of a process that sees the mounts of the user's namespaces; undefined when there is none. */
  witness(): number | undefined {
    return this.#living()?.keeper.pid ?? findPause(this.layout)?.pid;
  }

  /** Absolute path of the folder with `run`, `var` and so on, as plugins see them. */
  home(): string {
    return this.#living()?.home ?? this.layout.home;
  }

  /** Prefixes that are routed inside; none when there is no namespace. */
  prefixes(): readonly KernelPrefix[] {
    const state = this.#living();
    return state === undefined ? [] : routedPrefixes(state.keeper.pid);
  }

  /** Names of the links inside, without the loopback; none when there is no namespace. */
  links(): readonly string[] {
    const state = this.#living();
    return state === undefined ? [] : linkNames(state.keeper.pid).filter((name) => name !== 'lo');
  }

  /** Whether a link inside has the name. */
  mayHaveLink(name: string): boolean {
    const state = this.#living();
    return state !== undefined && linkNames(state.keeper.pid).includes(name);
  }

  /** Deletes a bridge inside that has no ports. @param gateways see {@link removeInnerBridge} */
  async removeBridge(name: string, gateways?: readonly Address[]): Promise<BridgeRemoval> {
    const state = this.#living();
    if (state === undefined || !this.mayHaveLink(name)) return 'absent';
    return await removeInnerBridge(state.keeper.pid, name, gateways);
  }

  /** Ends the keeper and slirp4netns; Podman still has a namespace that it made. @throws NetworkError storage, busy */
  async release(): Promise<void> {
    await this.#alone(async () => await this.#mender.clear());
  }

  /** The recorded state, if its keeper lives. Without its folder it does not count, because Podman has given the namespace up. */
  #living(): NamespaceState | undefined {
    const state = readState(this.layout.stateFile);
    return state !== undefined && isLive(state.keeper) && existing([state.home]).length > 0 ? state : undefined;
  }

  #isApart({ keeper }: NamespaceState, target: string | undefined): boolean {
    const pause = findPause(this.layout);
    const wanted = pause === undefined ? userNamespaceOf(target)?.user : namespaceOf(pause.pid, 'user');
    return wanted !== undefined && wanted !== namespaceOf(keeper.pid, 'user');
  }

  /** Runs one operation at a time, across all processes. */
  async #alone<T>(act: () => Promise<T>): Promise<T> {
    return await this.#queue.run('namespace', async () => await this.#locked(act));
  }

  async #locked<T>(act: () => Promise<T>): Promise<T> {
    requireRuntimeDir(this.settings.runtimeDir, this.settings.euid);
    makePrivateFolder(this.layout.ownDir);
    if (!(await this.#lock.acquire(AbortSignal.timeout(lockTimeoutMs)))) {
      const { lockFile: lock } = this.layout;
      throw new NetworkError('laneBusy', { waitedMs: lockTimeoutMs, lock, holder: this.#lock.describeHolder() });
    }
    try {
      return await act();
    } finally {
      this.#lock.release();
    }
  }
}

/** Whether Podman gave up its namespace and mounted another one in its place. */
function isReplaced({ keeper, netns }: NamespaceState): boolean {
  const mounted = mountedNamespace(keeper.pid, netns);
  return mounted !== undefined && mounted !== namespaceOf(keeper.pid, 'net');
}
