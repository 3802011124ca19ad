import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { buildApp } from '../server/app.js';
import { AttachmentIndex } from '../cni/attachments/attachment-index.js';
import { BridgeRules } from '../cni/folder/bridge-rules.js';
import { PluginChain } from '../cni/runtime/chain.js';
import { decodeFile } from '../cni/conflist/decode.js';
import type { FolderDraft } from '../cni/folder/draft.js';
import { encodeConflist } from '../cni/conflist/encode.js';
import { findDifferences } from '../cni/conflist/fields.js';
import { PluginExec } from '../cni/runtime/exec.js';
import type { IndexedFile, NetworkChange } from '../cni/folder/network-index.js';
import { followStore } from '../cni/folder/follow.js';
import type { LeftBridge } from '../cni/folder/left-bridges.js';
import { JoinedAttachments } from '../cni/attachments/joined-attachments.js';
import { readPluginFolder } from '../cni/folder/plugin-folder.js';
import { PluginDirs } from '../cni/runtime/plugin-dirs.js';
import { CniRuntime } from '../cni/runtime/runtime.js';
import { SharedRulesGuard } from '../cni/runtime/shared-rules.js';
import { PlaceholderNetnses } from '../cni/runtime/placeholder-netns.js';
import { NetworkStore } from '../cni/folder/store.js';
import { countUnfinished } from '../cni/attachments/count-unfinished.js';
import type { Config } from '../config/schema.js';
import { Files } from '../host/files/files.js';
import { findHindrance } from '../host/files/folder-use.js';
import { KernelLock } from '../host/file-locks/kernel-lock.js';
import { sleeperName } from '../host/programs/background.js';
import { Namespaces } from '../host/namespaces/namespaces.js';
import { NetnsContent } from '../host/namespaces/netns-content.js';
import { ReservedNetns } from '../host/namespaces/reserved-netns.js';
import { ownerVariables } from '../rootless/owner-variables.js';
import { NetnsFolders } from '../host/namespaces/netns.js';
import { readProcesses } from '../host/programs/process-table.js';
import { readMachine } from '../host/machine.js';
import { RtNetlink } from '../host/netlink/rtnetlink.js';
import { GroupCommit } from '../locks/group-commit.js';
import { LockFile } from '../locks/lock-file.js';
import { WriteLane } from '../locks/write-lane.js';
import { Attaching } from '../network/attachments/attaching.js';
import { planDefaultNetwork } from '../network/create/default-network.js';
import { EventLog } from '../network/events/event-log.js';
import { HostFactsGatherer } from '../network/create/host-facts.js';
import type { Want } from '../network/dependencies/draft.js';
import type { Repair } from '../network/dependencies/runtime.js';
import type { NetworkSettings } from '../network/dependencies/settings.js';
import type { FileProblem } from '../network/dependencies/stored-network.js';
import { Readiness } from '../network/readiness.js';
import { buildNetworkService, type NetworkService } from '../network/service.js';
import { surround } from './execution-mode.js';

/** Podman ≥ 4.4 as root locks this file whatever its folder; source: containers/common libnetwork/cni/network.go@v0.57.0. */
const rootLockPath = '/run/lock/podman-cni.lock';

/** Long enough for a batch, short enough that a Podman behind us does not notice. */
const maxHoldMs = 50;
/** Bounds what one commit opens at once. */
const maxBatch = 128;

/** dnsname and DHCP may take a while; what takes longer hangs. */
const pluginLimits = { timeoutMs: 60_000, maxOutputBytes: 1_048_576 };

export interface Daemon {
  readonly app: FastifyInstance;
  /** What the app serves, in terms of no dialect. */
  readonly service: NetworkService;
  /** Clears what a crash left in the folder; nothing waits for it. */
  clearLeftovers(): Promise<void>;
  /** Ends what would never end by itself. */
  endStreams(): void;
  close(): void;
}

/**
 * Puts the parts together; nothing runs before the first request.
 *
 * @param socketProblem why clients do not find the socket
 */
export function wire(config: Config, log: Logger, socketProblem: () => string | undefined = () => undefined): Daemon {
  const settings: NetworkSettings = {
    defaultNetwork: config.defaultNetwork,
    defaultSubnet: config.defaultSubnet,
    subnetPools: config.subnetPools,
    random: randomBytes,
  };
  const files = new Files();
  const kernel = new RtNetlink();
  const hostFacts = new HostFactsGatherer();
  const onProblem = (problem: FileProblem) => log.warn(problem, 'file skipped');
  const events = new EventLog(
    {
      refresh: async () => await store.refresh(),
      follow: () => followStore(store, (error) => log.warn({ err: error }, 'the folder cannot be followed')),
    },
    (error) => log.error({ err: error }, 'a stream of events was ended by a bug'),
  );
  const lane = buildLane(config, files, log);
  const listener = {
    problem: onProblem,
    change: (change: NetworkChange) => events.tell({ ...change, container: undefined }),
    cleared: (fileNames: readonly string[], bridges: readonly LeftBridge[]) => {
      const left = bridges.length > 0 && { bridges };
      log.warn({ files: fileNames, ...left }, 'cleared unfinished files of a dead process');
    },
  };
  const store = new NetworkStore(config.cniConfigDir, files, buildFallback(settings), listener, () =>
    lane.isHeldElsewhere(),
  );
  const { runtimeDir } = config.identity;
  const surroundings = surround(config, log);
  const reserved = new ReservedNetns({
    ofUser: () => surroundings.networkNamespaces(),
    keeper: { variable: ownerVariables.namespace, name: sleeperName },
  });
  const namespaces = new Namespaces(path.join(runtimeDir, 'netns'), {
    see: (target) => surroundings.see(target),
    reserved,
    content: new NetnsContent(surroundings.wrapForNetns),
  });
  const cacheDirs = [config.cniCacheDir, ...surroundings.otherCacheDirs];
  const attachments = new JoinedAttachments(
    cacheDirs.map((cacheDir) => new AttachmentIndex(cacheDir, files, { namespaces, readProcesses }, onProblem)),
  );
  const plugins = new PluginDirs(config.cniPluginDirs, files);
  const netnsFolders = new NetnsFolders(surroundings.netnsFolders, namespaces, {
    wrap: surroundings.wrapForNetns,
    see: (target) => surroundings.see(target) ?? target,
    reserved,
  });
  const exec = new PluginExec(plugins, surroundings.runPlugin, pluginLimits, surroundings.namespacePassing);
  const rulesLock = new KernelLock(path.join(config.cniCacheDir, 'podnetd-rules.lock'));
  const guarded = new SharedRulesGuard(exec, rulesLock, pluginLimits.timeoutMs);
  const runtime = surroundings.wrapRuntime(
    new CniRuntime(files, new PluginChain(guarded), {
      cacheDir: config.cniCacheDir,
      otherCacheDirs: surroundings.otherCacheDirs,
      orphanTimeoutMs: pluginLimits.timeoutMs,
      namespaces: netnsFolders,
      living: namespaces,
      placeholders: new PlaceholderNetnses(surroundings.runPlugin),
      onProblem,
      chainedTo: (networkName) => readPluginFolder(files, config.cniConfigDir, networkName),
    }),
    (attachment) => namespaces.judge(attachment) === 'alive',
  );
  const bridgeRules = new BridgeRules(surroundings.runPlugin);
  const writer = new GroupCommit<FolderDraft, Want>(
    lane,
    async (held, wanted) => {
      const tables = wanted.has('host') ? await kernel.readFacts() : undefined;
      return await store.begin(held, {
        host: tables && hostFacts.gather(surroundings.completeFacts(tables)),
        look: () => countUnfinished(attachments.view(), runtime.unfinished()),
        mayHaveBridge: (bridge) => surroundings.mayHaveBridge(bridge, kernel),
        removeBridge: async (bridge, gateways) => await surroundings.removeBridge(bridge, kernel, gateways),
        removeBridgeRules: async (bridges, hasIpv6) => await bridgeRules.remove(bridges, hasIpv6),
      });
    },
    { timeoutMs: config.lockTimeoutMs, maxHoldMs, maxBatch },
  );
  const report = (repairs: readonly Repair[]) => {
    for (const { error, ...work } of repairs) {
      if (error === undefined) log.warn(work, 'ended what a dead process had begun');
      else log.error({ err: error, ...work }, 'what a dead process had begun cannot be ended');
    }
  };
  const attaching = new Attaching({
    reader: store,
    writer,
    runtime,
    namespaces: netnsFolders,
    attachments,
    tell: (event) => events.tell(event),
    report,
  });
  const service = buildNetworkService({
    reader: store,
    writer,
    findDifferences,
    plugins,
    attachments: { look: async () => countUnfinished(await attachments.look(), runtime.unfinished()) },
    attaching,
    events,
    settings,
  });
  return {
    app: buildApp(
      service,
      () => readMachine(config.identity.rootless),
      new Readiness({
        reader: store,
        writer,
        plugins,
        hindrance: () => findHindrance(config.cniConfigDir)?.reason,
        socketProblem,
      }),
      log,
    ),
    service,
    async clearLeftovers() {
      report(await runtime.repair(() => true, { patient: true }));
      if (files.listLeftovers(config.cniConfigDir).length === 0) return;
      // Every batch clears them.
      await writer.run(() => () => undefined);
    },
    endStreams: () => events.close(),
    close() {
      store.close();
      attachments.close();
    },
  };
}

function buildLane(config: Config, files: Files, log: Logger): WriteLane {
  const lockPath = path.join(config.cniConfigDir, 'cni.lock');
  const paths = config.identity.rootless ? [lockPath] : [lockPath, rootLockPath];
  const lockFile = new LockFile(lockPath, files, (error) => log.error({ err: error }, 'lock folder lost'));
  return new WriteLane(
    paths.map((lock) => new KernelLock(lock)),
    lockFile,
  );
}

/** The key sorts behind every file name, so that a file that defines the name wins. */
function buildFallback(settings: NetworkSettings): IndexedFile {
  const text = encodeConflist(planDefaultNetwork(settings));
  return { key: '\uffff', path: undefined, decoded: decodeFile(text, true, BigInt(Date.now()) * 1_000_000n) };
}
