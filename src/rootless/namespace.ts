import { StartError, startSleeper, type Argv } from '../host/background.js';
import { KernelLock } from '../host/kernel-lock.js';
import { isSharedMount, linkNames, mountedNamespace, routedPrefixes } from '../host/namespace-view.js';
import { endProcess, findMarked, isLive, namespaceOf } from '../host/process-identity.js';
import { completePath } from '../host/programs.js';
import type { KernelPrefix } from '../host/rtnetlink.js';
import { run } from '../host/run.js';
import { tapName, type SlirpOptions } from '../host/slirp4netns.js';
import {
  existing,
  followIntoRun,
  listNames,
  makeMountPoint,
  makePrivateFolder,
  openPipe,
  removeFile,
  writeSmallFile,
} from '../host/user-folder.js';
import { NetworkError } from '../model/errors.js';
import { chain, enter, enterNetns, makeNetns, unshareMounts } from './commands.js';
import { layOut, type Layout } from './layout.js';
import { listHomeFolders, planMounts } from './mounts.js';
import {
  requireIdMappings,
  requireNamespaceTools,
  requireRuntimeDir,
  requireSlirp,
  requireTun,
} from './prerequisites.js';
import { plugIn } from './plug-in.js';
import { slirpAddresses } from './slirp-addresses.js';
import { readState, writeState, type NamespaceState } from './state.js';
import { findPause, joinBase, makeBase, userNamespaceOf, type Base } from './user-namespace.js';

export interface NamespaceSettings {
  readonly euid: number;
  readonly egid: number;
  readonly runtimeDir: string;
  /** containers.conf's network_cmd_path; slirp4netns of PATH when undefined. */
  readonly slirpPath?: string;
  readonly slirp: SlirpOptions;
}

/**
 * How the namespace was found: as it was left, without slirp4netns (which was started again), or not at all (so that it was made). It is gone
 * until {@link RootlessNamespace.settle}.
 */
export type Found = 'whole' | 'unplugged' | 'gone';

export interface Wish {
  /** Path of the network namespace that is to be connected. */
  readonly target?: string | undefined;
  /** Nobody is attached, so that another user namespace may be chosen. */
  readonly isVacant?: boolean;
}

type Place = Pick<NamespaceState, 'netns' | 'home' | 'isPodmans'>;

/** Marks our processes, with the folder whose they are, so that those of a podnetd that was killed are found. */
const marker = 'PODNETD_ROOTLESS';
const stepTimeoutMs = 30_000;
const stepOutputBytes = 64 * 1024;
const endTimeoutMs = 2_000;
const lockTimeoutMs = 60_000;

/**
 * The network namespace of a user, in which bridges, rules and leases are what they are on the host for root.
 *
 * A sleeping process keeps it together with a mount namespace that has what plugins need; each program runs in a copy of the latter. It all goes
 * with {@link RootlessNamespace.release}, or when the user logs out.
 */
export class RootlessNamespace {
  readonly layout: Layout;
  readonly #lock: KernelLock;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly settings: NamespaceSettings) {
    this.layout = layOut(settings.runtimeDir);
    this.#lock = new KernelLock(this.layout.lockFile);
  }

  /**
   * Sees to it that the namespace is there and connected to the outside. It is made in the user namespace that Podman's rootless containers are
   * in, else in that of what is to be connected, else in one of our own: only namespaces of one user namespace can be connected.
   *
   * @throws NetworkError plugin, storage, busy
   */
  async ensure({ target, isVacant = false }: Wish = {}): Promise<Found> {
    return await this.#alone(async () => {
      const state = this.#living();
      if (state === undefined || (isVacant && this.#isApart(state, target))) {
        await this.#build(target);
        return 'gone';
      }
      if (mountedNamespace(state.keeper.pid, state.netns) !== namespaceOf(state.keeper.pid, 'net')) {
        await this.#mountAgain(state);
      }
      const isPlugged = linkNames(state.keeper.pid).includes(tapName);
      if (!isPlugged) await this.#plugIn(state);
      if (!state.settled) return 'gone';
      return isPlugged ? 'whole' : 'unplugged';
    });
  }

  /** What was attached before the namespace was made is attached again, as far as it can be. @throws NetworkError storage, busy */
  async settle(): Promise<void> {
    await this.#alone(async () => {
      const state = await Promise.resolve(this.#living());
      if (state !== undefined) writeState(this.layout.stateFile, { ...state, settled: true });
    });
  }

  /** @throws NetworkError invalid when a network namespace belongs to another user namespace */
  async checkReach(target: string): Promise<void> {
    const state = this.#living();
    if (state === undefined) return;
    try {
      await this.#step(chain(enter(state.keeper.pid, 'mount'), enterNetns(target), ['true']));
    } catch (error) {
      const reason = 'it cannot be entered from the user namespace of those that are connected; disconnect them first';
      throw new NetworkError('netnsUnusable', { netns: target, reason }, { cause: error });
    }
  }

  /** The command line that runs a program where a network namespace can be entered, without making anything. */
  wrapForNetns(argv: Argv, target: string): Argv {
    const user = userNamespaceOf(target);
    const witness = this.witness();
    if (user !== undefined && (witness === undefined || namespaceOf(witness, 'user') !== user.user)) {
      return chain(enter(user.pid), argv);
    }
    return witness === undefined ? argv : chain(enter(witness, 'mount'), argv);
  }

  /** Where this process sees a path that those who mount namespaces give; undefined when nobody is known who sees it. */
  see(target: string): string | undefined {
    if (target.startsWith('/proc/')) return target;
    const witness = this.witness();
    return witness === undefined ? undefined : `/proc/${witness}/root${target}`;
  }

  /** The command line that runs a program inside, in a mount namespace of its own. @throws NetworkError plugin when there is no namespace */
  wrap(argv: Argv): Argv {
    const state = this.#living();
    if (state === undefined) throw new NetworkError('namespaceFailed', { step: 'enter', reason: 'it is not there' });
    // iptables, which plugins run, is where an ordinary PATH does not lead.
    return chain(enter(state.keeper.pid, 'mount', 'net'), unshareMounts, ['env', `PATH=${completePath()}`], argv);
  }

  exists(): boolean {
    return this.#living() !== undefined;
  }

  /** A process that sees the namespaces of the user where they are mounted; undefined when there is none. */
  witness(): number | undefined {
    return this.#living()?.keeper.pid ?? findPause(this.layout)?.pid;
  }

  /** `run`, `var` and so on, as plugins see them. */
  home(): string {
    return this.#living()?.home ?? this.layout.home;
  }

  /** Prefixes that are routed inside; none when there is no namespace. */
  prefixes(): readonly KernelPrefix[] {
    const state = this.#living();
    return state === undefined ? [] : routedPrefixes(state.keeper.pid);
  }

  /** Ends what keeps the namespace; a namespace that Podman made it still has. @throws NetworkError storage, busy */
  async release(): Promise<void> {
    await this.#alone(async () => await this.#clear());
  }

  /** A keeper without its folder is what Podman left of a namespace that it has given up. */
  #living(): NamespaceState | undefined {
    const state = readState(this.layout.stateFile);
    return state !== undefined && isLive(state.keeper) && existing([state.home]).length > 0 ? state : undefined;
  }

  #isApart({ keeper }: NamespaceState, target: string | undefined): boolean {
    const pause = findPause(this.layout);
    const wanted = pause === undefined ? userNamespaceOf(target)?.user : namespaceOf(pause.pid, 'user');
    return wanted !== undefined && wanted !== namespaceOf(keeper.pid, 'user');
  }

  async #findBase(target: string | undefined): Promise<Base> {
    const { euid, egid } = this.settings;
    const pause = findPause(this.layout);
    if (pause !== undefined) return pause;
    const user = userNamespaceOf(target);
    return await attempt(async () =>
      user === undefined ? await makeBase(requireIdMappings(euid, egid), this.#step) : await joinBase(user.pid),
    );
  }

  async #build(target: string | undefined): Promise<void> {
    const { slirpPath } = this.settings;
    requireNamespaceTools();
    requireSlirp(slirpPath);
    requireTun();
    await this.#clear();
    const base = await this.#findBase(target);
    try {
      const place = this.#findPodmans(base) ?? (await this.#makeNetns(base));
      const state = await this.#keep(base, place);
      if (!linkNames(state.keeper.pid).includes(tapName)) await this.#plugIn(state);
    } catch (error) {
      await this.#clear();
      throw error;
    } finally {
      await base.end();
    }
  }

  /** One that Podman 3.2 to 4 made and that lives, with the folder that belongs to it. */
  #findPodmans(base: Base): Place | undefined {
    if (!base.isPodmans) return undefined;
    const { netns, home, netnsDir, podman4 } = this.layout;
    const newer = listNames(netnsDir, podman4.netnsPrefix).map((name) => ({
      netns: `${netnsDir}/${name}`,
      home: podman4.home,
    }));
    const found = [{ netns, home }, ...newer].find(
      (place) => mountedNamespace(base.pid, place.netns) !== undefined && existing([place.home]).length > 0,
    );
    return found && { ...found, isPodmans: true };
  }

  async #makeNetns(base: Base): Promise<Place> {
    const { netns, netnsDir, home } = this.layout;
    makePrivateFolder(netnsDir);
    // Mounts of a folder that is shared reach those who have a copy of it; source: containers/common pkg/netns/netns_linux.go@v0.50.1.
    if (!isSharedMount(base.pid, netnsDir)) {
      await this.#step(chain(enter(base.pid, 'mount'), ['mount', '--rbind', '--make-rshared', netnsDir, netnsDir]));
    }
    removeFile(netns);
    makeMountPoint(netns);
    await this.#step(chain(enter(base.pid, 'mount'), makeNetns(netns)));
    return { netns, home, isPodmans: false };
  }

  async #keep(base: Base, place: Place): Promise<NamespaceState> {
    const { netnsDir, exitPipe } = this.layout;
    const { home } = place;
    for (const folder of listHomeFolders({ netnsDir, home })) makePrivateFolder(folder);
    const resolvConf = followIntoRun('/etc/resolv.conf');
    if (!place.isPodmans) writeSmallFile(`${home}/resolv.conf`, `nameserver ${this.#addresses().dns}\n`);
    await this.#step(['mkfifo', '-m', '600', '--', exitPipe]);
    const pipe = openPipe(exitPipe);
    try {
      const prefix = chain(enter(base.pid, 'mount'), enterNetns(place.netns), unshareMounts);
      const keeper = await attempt(
        async () => await startSleeper(prefix, { env: this.#mark(), descriptors: [pipe.writeEnd] }),
      );
      const state: NamespaceState = { ...place, keeper, settled: false };
      const [varTarget = '/var'] = existing(['/var/lib/cni', '/var/lib', '/var']);
      const mounts = planMounts({
        netnsDir,
        home,
        hasRunSystemd: existing(['/run/systemd']).length > 0,
        resolvConf: existing([`${home}/resolv.conf`]).length > 0 ? resolvConf : undefined,
        varTarget,
      });
      for (const argv of mounts) await this.#step(chain(enter(keeper.pid, 'mount'), argv));
      writeState(this.layout.stateFile, state);
      return state;
    } finally {
      pipe.close();
    }
  }

  async #plugIn(state: NamespaceState): Promise<void> {
    const { slirpPath, slirp: options } = this.settings;
    const file = requireSlirp(slirpPath);
    requireTun();
    if (state.slirp !== undefined) await endProcess(state.slirp, endTimeoutMs);
    const slirp = await attempt(
      async () => await plugIn({ file, options, layout: this.layout, keeper: state.keeper.pid, env: this.#mark() }),
    );
    writeState(this.layout.stateFile, { ...state, slirp });
    // Podman 3 ends it by this file, together with a namespace of this name; source: podman libpod/networking_linux.go@v3.4.4.
    if (state.netns === this.layout.netns)
      writeSmallFile(`${state.home}/rootless-cni-slirp4netns.pid`, String(slirp.pid));
  }

  /** Whoever deletes the file unmounts the namespace, which the keeper still has. */
  async #mountAgain({ keeper, netns }: NamespaceState): Promise<void> {
    const pause = findPause(this.layout);
    const sharesPause = pause !== undefined && namespaceOf(pause.pid, 'user') === namespaceOf(keeper.pid, 'user');
    const seer = sharesPause ? pause.pid : keeper.pid;
    makePrivateFolder(this.layout.netnsDir);
    makeMountPoint(netns);
    await this.#step(chain(enter(seer, 'mount'), ['mount', '--bind', `/proc/${keeper.pid}/ns/net`, netns]));
  }

  async #clear(): Promise<void> {
    const state = readState(this.layout.stateFile);
    const { ownDir, netns, exitPipe, apiSocket, stateFile } = this.layout;
    const ours = findMarked(marker, ownDir, this.settings.euid);
    await Promise.all(ours.map(async (found) => await endProcess(found, endTimeoutMs)));
    if (state !== undefined && !state.isPodmans) {
      // Nobody sees the mount but Podman's pause process, and in another mount namespace it ends with the file.
      removeFile(netns);
      removeFile(`${state.home}/rootless-cni-slirp4netns.pid`);
    }
    for (const file of [exitPipe, apiSocket, stateFile]) removeFile(file);
  }

  readonly #step = async ([file, ...args]: Argv): Promise<void> => {
    const outcome = await run(file, args, { timeoutMs: stepTimeoutMs, maxOutputBytes: stepOutputBytes });
    if (outcome.kind === 'ended' && outcome.exitCode === 0) return;
    const reason =
      outcome.kind === 'notStarted'
        ? outcome.reason
        : outcome.stderr.trim() || (outcome.kind === 'killed' ? 'it did not end' : `exit status ${outcome.exitCode}`);
    throw new NetworkError('namespaceFailed', { step: [file, ...args].join(' '), reason });
  };

  #addresses(): ReturnType<typeof slirpAddresses> {
    return slirpAddresses(this.settings.slirp.cidr);
  }

  #mark(): Readonly<Record<string, string>> {
    return { [marker]: this.layout.ownDir };
  }

  /** One at a time, of this process and of all. */
  async #alone<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => await this.#locked(act));
    this.#last = turn.catch(() => undefined);
    return await turn;
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

/** Names the program that could not be started as an error of ours. */
async function attempt<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new NetworkError('namespaceFailed', { step: error.argv.join(' '), reason: error.reason }, { cause: error });
  }
}
