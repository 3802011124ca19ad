import { mountedNamespace } from '../host/namespaces/namespace-view.js';
import { endProcess, findMarked, isLive, namespaceOf } from '../host/programs/process-identity.js';
import {
  existing,
  listNames,
  makeMountPoint,
  makePrivateFolder,
  removeFile,
  writeSmallFile,
} from '../host/files/user-folder.js';
import { NetworkError } from '../model/errors/errors.js';
import { chain, enter, removeTree } from './commands.js';
import { runOf, type Layout } from './layout.js';
import { ownerVariables } from './owner-variables.js';
import { launchSlirp } from './launch-slirp.js';
import { requireSlirp, requireTun } from './prerequisites.js';
import type { NamespaceSettings } from './settings.js';
import { readState, writeState, type NamespaceState } from './state.js';
import { runCommand, startCommand } from './run-command.js';
import { findPause } from './user-namespace.js';

const endTimeoutMs = 2_000;

/** Puts right what others broke of a namespace, and takes away what is left of one. The caller holds the lock. */
export class NamespaceMender {
  constructor(
    private readonly settings: NamespaceSettings,
    private readonly layout: Layout,
  ) {}

  /** @throws NetworkError plugin, storage */
  async restartSlirp(state: NamespaceState): Promise<void> {
    const { slirpPath, slirp: options } = this.settings;
    const file = requireSlirp(slirpPath);
    requireTun();
    if (state.slirp !== undefined) await endProcess(state.slirp, endTimeoutMs);
    const env = { [ownerVariables.namespace]: this.layout.ownDir };
    const slirp = await startCommand(
      async () => await launchSlirp({ file, options, layout: this.layout, keeper: state.keeper.pid, env }),
    );
    writeState(this.layout.stateFile, { ...state, slirp });
    // Podman 3 ends it by this file, together with a namespace of this name; source: podman libpod/networking_linux.go@v3.4.4.
    if (state.netns === this.layout.netns) writeSmallFile(slirpPidFile(state.home), String(slirp.pid));
  }

  /**
   * Whoever deletes the file unmounts the namespace, which the keeper still has. If Podman did, it gave it up, and it is ours from then on.
   *
   * @returns the state from now on @throws NetworkError plugin, storage
   */
  async mountAgain(state: NamespaceState): Promise<NamespaceState> {
    const { keeper, netns } = state;
    const pause = findPause(this.layout);
    const sharesPause = pause !== undefined && namespaceOf(pause.pid, 'user') === namespaceOf(keeper.pid, 'user');
    const seer = sharesPause ? pause.pid : keeper.pid;
    makePrivateFolder(this.layout.netnsDir);
    makeMountPoint(netns);
    await runCommand(chain(enter(seer, 'mount'), ['mount', '--bind', `/proc/${keeper.pid}/ns/net`, netns]));
    const ours = { ...state, isPodmans: false };
    writeState(this.layout.stateFile, ours);
    return ours;
  }

  /** Whether there is something to clear. */
  hasTraces(): boolean {
    const { ownDir, stateFile, exitPipe, makingFile } = this.layout;
    const isMarked = Object.values(ownerVariables).some(
      (variable) => findMarked(variable, ownDir, this.settings.euid).length > 0,
    );
    return isMarked || existing([stateFile, exitPipe, makingFile]).length > 0;
  }

  /** Ends whatever there is of a namespace of ours, also where a podnetd was killed while it made one. @throws NetworkError storage */
  async clear(): Promise<void> {
    const state = readState(this.layout.stateFile);
    const { ownDir, exitPipe, apiSocket, stateFile, makingFile } = this.layout;
    const { netns, home } = state ?? this.layout;
    if (state?.isPodmans !== true || !this.#outlivesUs(state)) await this.#endMarked(ownerVariables.plugin);
    if (state === undefined ? existing([makingFile]).length > 0 : !state.isPodmans) {
      if (state !== undefined && isLive(state.keeper)) await this.#removeRun(state);
      // Nobody sees the mount but Podman's pause process, and in another mount namespace it ends with the file.
      removeFile(netns);
      removeFile(slirpPidFile(home));
    }
    await this.#endMarked(ownerVariables.namespace);
    const unfinished = listNames(ownDir, '').filter((name) => /\.\d+\.tmp$|-\d+\.log$/.test(name));
    for (const file of [exitPipe, apiSocket, stateFile, makingFile, ...unfinished.map((name) => `${ownDir}/${name}`)]) {
      removeFile(file);
    }
  }

  /** Some of it only root of the user namespace may remove. What stays, whoever makes the next namespace removes. */
  async #removeRun({ keeper, home }: NamespaceState): Promise<void> {
    try {
      await runCommand(chain(enter(keeper.pid), removeTree(runOf(home))));
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
    }
  }

  async #endMarked(mark: string): Promise<void> {
    const ours = findMarked(mark, this.layout.ownDir, this.settings.euid);
    await Promise.all(ours.map(async (found) => await endProcess(found, endTimeoutMs)));
  }

  /** Podman gives up its namespace by unmounting it and removing its folder. */
  #outlivesUs({ keeper, netns, home }: NamespaceState): boolean {
    const pause = findPause(this.layout);
    const mounted = pause && mountedNamespace(pause.pid, netns);
    if (mounted === undefined || existing([home]).length === 0) return false;
    const kept = namespaceOf(keeper.pid, 'net');
    return kept === undefined || kept === mounted;
  }
}

function slirpPidFile(home: string): string {
  return `${home}/rootless-cni-slirp4netns.pid`;
}
