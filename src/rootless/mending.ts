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

/** Repairs a namespace that other programs damaged, and clears the remains of one. The caller holds the lock. */
export class NamespaceMender {
  constructor(
    private readonly settings: NamespaceSettings,
    private readonly layout: Layout,
  ) {}

  /** Ends slirp4netns if it runs, and starts it. @throws NetworkError plugin, storage */
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
    // Podman 3 ends slirp4netns by this file, together with a namespace of this name; source: podman libpod/networking_linux.go@v3.4.4.
    if (state.netns === this.layout.netns) writeSmallFile(slirpPidFile(state.home), String(slirp.pid));
  }

  /**
   * Mounts the namespace again after a program deleted its file and so unmounted it, while the keeper still has it. Podman gives its namespace up
   * that way, so the namespace is podnetd's from then on.
   *
   * @returns the new state @throws NetworkError plugin, storage
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

  /** Whether {@link NamespaceMender.clear} has something to clear. */
  hasTraces(): boolean {
    const { ownDir, stateFile, exitPipe, makingFile } = this.layout;
    const isMarked = Object.values(ownerVariables).some(
      (variable) => findMarked(variable, ownDir, this.settings.euid).length > 0,
    );
    return isMarked || existing([stateFile, exitPipe, makingFile]).length > 0;
  }

  /** Ends the processes of podnetd's namespace and removes its files, also of one that a killed podnetd was making. @throws NetworkError storage */
  async clear(): Promise<void> {
    const state = readState(this.layout.stateFile);
    const { ownDir, exitPipe, apiSocket, stateFile, makingFile } = this.layout;
    const { netns, home } = state ?? this.layout;
    if (state?.isPodmans !== true || !this.#outlivesUs(state)) await this.#endMarked(ownerVariables.plugin);
    if (state === undefined ? existing([makingFile]).length > 0 : !state.isPodmans) {
      if (state !== undefined && isLive(state.keeper)) await this.#removeRun(state);
      // The mount is in other mount namespaces alone, where it ends with the file.
      removeFile(netns);
      removeFile(slirpPidFile(home));
    }
    await this.#endMarked(ownerVariables.namespace);
    const unfinished = listNames(ownDir, '').filter((name) => /\.\d+\.tmp$|-\d+\.log$/.test(name));
    for (const file of [exitPipe, apiSocket, stateFile, makingFile, ...unfinished.map((name) => `${ownDir}/${name}`)]) {
      removeFile(file);
    }
  }

  /** Removes plugins' files as root of the user namespace, which owns some; the maker of the next namespace removes the rest. */
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

  /** Whether Podman keeps the namespace; Podman gives it up by unmounting it and removing its folder. */
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
