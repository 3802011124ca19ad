import path from 'node:path';
import type { Logger } from 'pino';
import { AttachmentIndex } from '../cni/attachments/attachment-index.js';
import { countUnfinished } from '../cni/attachments/count-unfinished.js';
import { JoinedAttachments } from '../cni/attachments/joined-attachments.js';
import { Leases } from '../cni/attachments/leases.js';
import { ResultCache } from '../cni/attachments/result-cache.js';
import { ResultCaches } from '../cni/attachments/result-caches.js';
import { BridgeRules } from '../cni/folder/bridge-rules.js';
import type { BatchHost } from '../cni/folder/draft.js';
import { buildFallbackFile } from '../cni/folder/fallback-file.js';
import { followStore } from '../cni/folder/follow.js';
import type { LeftBridge } from '../cni/folder/left-bridges.js';
import type { NetworkChange } from '../cni/folder/network-index.js';
import { readPluginFolder } from '../cni/folder/plugin-folder.js';
import { NetworkStore } from '../cni/folder/store.js';
import type { PlaceProgram } from '../host/programs/program-call.js';
import { PluginChain } from '../cni/runtime/chain.js';
import { PluginExec } from '../cni/runtime/exec.js';
import { PlaceholderNetnses } from '../cni/runtime/placeholder-netns.js';
import { InstalledPlugins } from '../cni/plugins/installed-plugins.js';
import { PluginBinaries } from '../cni/plugins/plugin-binary.js';
import { PluginDirs } from '../cni/runtime/plugin-dirs.js';
import { CniRuntime } from '../cni/runtime/runtime.js';
import { SharedRulesGuard } from '../cni/runtime/shared-rules.js';
import { TimedPlugins } from '../cni/runtime/timed-plugins.js';
import type { Config } from '../config/config.js';
import { KernelLock } from '../host/file-locks/kernel-lock.js';
import { Files } from '../host/files/files.js';
import { Namespaces } from '../host/namespaces/namespaces.js';
import { NetnsContent } from '../host/namespaces/netns-content.js';
import { NetnsFolders } from '../host/namespaces/netns.js';
import { ReservedNetns } from '../host/namespaces/reserved-netns.js';
import { RtNetlink } from '../host/netlink/rtnetlink.js';
import { sleeperName } from '../host/programs/background.js';
import { readProcesses } from '../host/programs/process-table.js';
import { buildFolderLane } from '../locks/folder-lane.js';
import { TimedLane } from '../locks/timed-lane.js';
import type { WriteLane } from '../locks/write-lane.js';
import { Recorder } from '../metrics/recorder.js';
import { planDefaultNetwork } from '../network/create/default-network.js';
import { HostFactsGatherer } from '../network/create/host-facts.js';
import type { ContainerNamespaces } from '../network/dependencies/namespaces.js';
import type { PluginFinder } from '../network/dependencies/plugins.js';
import type { AttachmentRuntime } from '../network/dependencies/runtime.js';
import type { FileProblem } from '../network/dependencies/stored-network.js';
import { EventLog } from '../network/events/event-log.js';
import { ownerVariables } from '../rootless/owner-variables.js';
import { followDnsServers } from './dns-servers.js';
import { chooseMode, type ExecutionMode, type RuntimePlaces } from './execution-mode.js';
import { SettingsInForce } from './settings-in-force.js';

/** Milliseconds that a plugin gets: dnsname and DHCP take some seconds, and a plugin that takes longer hangs. */
const pluginLimits = { timeoutMs: 60_000, maxOutputBytes: 1_048_576 };

/** The parts of podnetd that read networks and act on them, without a server and without a writer. */
export interface Parts {
  readonly settings: SettingsInForce;
  /** Counts since the start. */
  readonly recorder: Recorder;
  readonly files: Files;
  readonly lane: TimedLane;
  /** The networks of the folder. */
  readonly reader: NetworkStore;
  readonly events: EventLog;
  /** Attachments, by the result cache and the leases. */
  readonly attachments: JoinedAttachments;
  readonly namespaces: ContainerNamespaces;
  readonly plugins: PluginFinder;
  readonly runtime: AttachmentRuntime;
  /** The same plugins, for questions about networks that no attachment has a part in. */
  readonly chain: PluginChain;
  /** Brings a program to where plugins run. */
  readonly runPlugin: PlaceProgram;
  /** Folders of results and intents, podnetd's own first. */
  readonly cacheDirs: readonly string[];
  /** The kernel's side of a batch of changes. */
  readonly host: BatchHost;
  close(): void;
}

/** No program runs and no file is made before the first question. @param onChange is called when a network appeared, changed or vanished */
export function buildParts(config: Config, log: Logger, onChange: () => void = () => undefined): Parts {
  const settings = new SettingsInForce(config);
  const recorder = new Recorder();
  const files = new Files();
  const mode = chooseMode(config, log);
  const lane = buildFolderLane(config.cniConfigDir, files, {
    rootless: config.identity.rootless,
    onLost: (error) => log.error({ err: error }, 'lock folder lost'),
  });
  const { store, events } = buildStore(config, files, lane, log, onChange);
  const { living, places } = buildNamespaces(config, mode);
  const onProblem = (problem: FileProblem) => logProblem(log, problem);
  const readCache = ({ cacheDir, seeForPlugins }: RuntimePlaces) => {
    const results = new ResultCache(cacheDir, files, onProblem);
    const leases = new Leases(seeForPlugins, files, onProblem);
    return { results, index: new AttachmentIndex(results, leases, { namespaces: living, readProcesses }) };
  };
  const own = readCache({ cacheDir: config.cniCacheDir, seeForPlugins: mode.seeForPlugins });
  const others = mode.otherRuntimes.map(readCache);
  const caches = [own, ...others];
  const attachments = new JoinedAttachments(caches.map(({ index }) => index));
  const pluginDirs = new PluginDirs(config.cniPluginDirs, files);
  const chain = buildChain(config, mode, pluginDirs, recorder);
  const runtime = mode.wrapRuntime(
    new CniRuntime(files, chain, {
      cacheDir: config.cniCacheDir,
      results: new ResultCaches(
        files,
        own.results,
        others.map(({ results }) => results),
      ),
      orphanTimeoutMs: pluginLimits.timeoutMs,
      namespaces: places,
      living,
      placeholders: new PlaceholderNetnses(mode.runPlugin),
      onProblem,
      chainedTo: (networkName) => readPluginFolder(files, config.cniConfigDir, networkName),
    }),
    (attachment) => living.judge(attachment) === 'alive',
  );
  return {
    settings,
    recorder,
    files,
    lane: new TimedLane(lane, recorder.waitedForLane),
    reader: store,
    events,
    attachments,
    namespaces: places,
    plugins: new InstalledPlugins(pluginDirs, new PluginBinaries(files)),
    runtime,
    chain,
    runPlugin: mode.runPlugin,
    cacheDirs: [config.cniCacheDir, ...mode.otherRuntimes.map(({ cacheDir }) => cacheDir)],
    host: buildHost(mode, () => countUnfinished(attachments.view(), runtime.unfinished()), recorder),
    close() {
      store.close();
      for (const { results } of caches) results.close();
    },
  };
}

function buildStore(config: Config, files: Files, lane: WriteLane, log: Logger, onChange: () => void) {
  const events: EventLog = new EventLog(
    {
      refresh: async () => await store.refresh(),
      follow: () => followStore(store, (error) => log.warn({ err: error }, 'the folder cannot be followed')),
    },
    (error) => log.error({ err: error }, 'a stream of events was ended by a bug'),
  );
  const listener = {
    problem: (problem: FileProblem) => logProblem(log, problem),
    change: (change: NetworkChange) => {
      events.emit({ ...change, container: undefined });
      onChange();
    },
    cleared: (fileNames: readonly string[], bridges: readonly LeftBridge[]) => {
      const left = bridges.length > 0 && { bridges };
      log.warn({ files: fileNames, ...left }, 'cleared unfinished files of a dead process');
    },
  };
  const startedMs = Date.now();
  const makeFallback = () => buildFallbackFile(planDefaultNetwork(config), startedMs);
  const store = new NetworkStore(config.cniConfigDir, files, makeFallback, listener, () => lane.isHeldElsewhere());
  return { store, events };
}

function buildNamespaces({ identity }: Config, mode: ExecutionMode) {
  const reserved = new ReservedNetns({
    ofUser: () => mode.networkNamespaces(),
    keeper: { variable: ownerVariables.namespace, name: sleeperName },
  });
  const living = new Namespaces(path.join(identity.runtimeDir, 'netns'), {
    see: (target) => mode.see(target),
    reserved,
    content: new NetnsContent(mode.wrapForNetns),
  });
  const places = new NetnsFolders(mode.netnsFolders, living, {
    wrap: mode.wrapForNetns,
    see: (target) => mode.see(target) ?? target,
    reserved,
  });
  return { living, places };
}

function buildChain(
  { cniCacheDir }: Config,
  mode: ExecutionMode,
  plugins: PluginDirs,
  { pluginRan }: Recorder,
): PluginChain {
  const exec = new PluginExec(plugins, mode.runPlugin, pluginLimits, mode.namespacePassing);
  const rulesLock = new KernelLock(path.join(cniCacheDir, 'podnetd-rules.lock'));
  return new PluginChain(new SharedRulesGuard(new TimedPlugins(exec, pluginRan), rulesLock, pluginLimits.timeoutMs));
}

function buildHost(mode: ExecutionMode, look: BatchHost['look'], { published }: Recorder): BatchHost {
  const network = mode.network(new RtNetlink());
  const hostFacts = new HostFactsGatherer();
  const dnsServers = followDnsServers();
  const bridgeRules = new BridgeRules(mode.runPlugin);
  return {
    readFacts: async () => hostFacts.gather(await network.readFacts(), dnsServers()),
    look,
    onPublished: published,
    mayHaveBridge: (bridge) => network.mayHaveBridge(bridge),
    removeBridge: async (bridge, gateways) => await network.removeBridge(bridge, gateways),
    removeBridgeRules: async (bridges, hasIpv6, kind) => await bridgeRules.remove(bridges, hasIpv6, kind),
  };
}

function logProblem(log: Logger, problem: FileProblem): void {
  log.warn(problem, 'file skipped');
}
