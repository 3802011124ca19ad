import { startSleeper } from '../host/programs/background.js';
import { isSharedMount, linkNames, mountedNamespace } from '../host/namespaces/namespace-view.js';
import { tapName } from '../host/slirp4netns/process.js';
import {
  existing,
  followIntoRun,
  listNames,
  makeMountPoint,
  makePrivateFolder,
  openPipe,
  removeFile,
  writeSmallFile,
} from '../host/files/user-folder.js';
import { chain, enter, enterNetns, makeNetns, removeTree, unshareMounts } from './commands.js';
import { runOf, type Layout } from './layout.js';
import { ownerVariables } from './owner-variables.js';
import type { NamespaceMender } from './mending.js';
import { listHomeFolders, planMounts } from './mounts.js';
import {
  requireIdMappings,
  requireNamespaceTools,
  requireSlirp,
  requireTun,
  requireUserNamespaces,
} from './prerequisites.js';
import type { NamespaceSettings } from './settings.js';
import { slirpAddresses } from './slirp-addresses.js';
import { writeState, type NamespaceState } from './state.js';
import { runCommand, startCommand } from './run-command.js';
import { findPause, joinBase, makeBase, userNamespaceOf, type Base } from './user-namespace.js';

type Place = Pick<NamespaceState, 'netns' | 'home' | 'isPodmans'>;

/** Makes the namespace, or takes the one that Podman made, and starts its keeper. The caller holds the lock. */
export class NamespaceMaker {
  constructor(
    private readonly settings: NamespaceSettings,
    private readonly layout: Layout,
    private readonly mender: NamespaceMender,
  ) {}

  /** Makes all of it, or clears it. @param target path of the network namespace to be connected first @throws NetworkError plugin, storage */
  async make(target: string | undefined): Promise<void> {
    requireNamespaceTools();
    requireSlirp(this.settings.slirpPath);
    requireTun();
    await this.mender.clear();
    const base = await this.#findBase(target);
    try {
      const place = this.#findPodmans(base) ?? (await this.#makeNetns(base));
      const state = await this.#keep(base, place);
      if (!linkNames(state.keeper.pid).includes(tapName)) await this.mender.restartSlirp(state);
    } catch (error) {
      await this.mender.clear();
      throw error;
    } finally {
      await base.end();
    }
  }

  async #findBase(target: string | undefined): Promise<Base> {
    const { euid, egid } = this.settings;
    const pause = findPause(this.layout);
    if (pause !== undefined) return pause;
    const user = userNamespaceOf(target);
    if (user !== undefined) return await startCommand(async () => await joinBase(user.pid));
    requireUserNamespaces();
    const mappings = requireIdMappings(euid, egid);
    return await startCommand(async () => await makeBase(mappings, runCommand));
  }

  /** A living namespace that Podman 3.2 to 4 made, with its folder. */
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
    const { netns, netnsDir, home, makingFile } = this.layout;
    makePrivateFolder(netnsDir);
    // Later mounts in a shared folder reach the mount namespaces that copied it; source: containers/common pkg/netns/netns_linux.go@v0.50.1.
    if (!isSharedMount(base.pid, netnsDir)) {
      await runCommand(chain(enter(base.pid, 'mount'), ['mount', '--rbind', '--make-rshared', netnsDir, netnsDir]));
    }
    removeFile(netns);
    // Plugins' files of an earlier namespace hold process ids that other processes may have by now.
    await runCommand(chain(enter(base.pid), removeTree(runOf(home))));
    writeSmallFile(makingFile, '');
    makeMountPoint(netns);
    await runCommand(chain(enter(base.pid, 'mount'), makeNetns(netns)));
    return { netns, home, isPodmans: false };
  }

  async #keep(base: Base, place: Place): Promise<NamespaceState> {
    const { netnsDir, exitPipe, ownDir } = this.layout;
    const { home } = place;
    for (const folder of listHomeFolders({ netnsDir, home })) makePrivateFolder(folder);
    const resolvConf = followIntoRun('/etc/resolv.conf');
    if (!place.isPodmans) {
      const { dns } = slirpAddresses(this.settings.slirp.cidr);
      writeSmallFile(`${home}/resolv.conf`, `nameserver ${dns}\n`);
    }
    await runCommand(['mkfifo', '-m', '600', '--', exitPipe]);
    const pipe = openPipe(exitPipe);
    try {
      const prefix = chain(enter(base.pid, 'mount'), enterNetns(place.netns), unshareMounts);
      const env = { [ownerVariables.namespace]: ownDir };
      const keeper = await startCommand(async () => await startSleeper(prefix, { env, descriptors: [pipe.writeEnd] }));
      const state: NamespaceState = { ...place, keeper, settled: false };
      const [varTarget = '/var'] = existing(['/var/lib/cni', '/var/lib', '/var']);
      const mounts = planMounts({
        netnsDir,
        home,
        hasRunSystemd: existing(['/run/systemd']).length > 0,
        resolvConf: existing([`${home}/resolv.conf`]).length > 0 ? resolvConf : undefined,
        varTarget,
      });
      for (const argv of mounts) await runCommand(chain(enter(keeper.pid, 'mount'), argv));
      writeState(this.layout.stateFile, state);
      removeFile(this.layout.makingFile);
      return state;
    } finally {
      pipe.close();
    }
  }
}
