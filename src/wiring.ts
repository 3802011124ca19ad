import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { buildApp } from './app.js';
import { AttachmentIndex } from './cni/attachments.js';
import { decodeFile } from './cni/decode.js';
import type { FolderDraft } from './cni/draft.js';
import { encodeConflist } from './cni/encode.js';
import type { IndexedFile } from './cni/network-index.js';
import { followStore } from './cni/follow.js';
import { PluginDirs } from './cni/plugin-dirs.js';
import { NetworkStore } from './cni/store.js';
import type { Config } from './config/schema.js';
import { Files } from './host/files.js';
import { KernelLock } from './host/kernel-lock.js';
import { RtNetlink } from './host/rtnetlink.js';
import { GroupCommit } from './locks/group-commit.js';
import { LockFile } from './locks/lock-file.js';
import { WriteLane } from './locks/write-lane.js';
import { planDefaultNetwork } from './network/default-network.js';
import { EventLog } from './network/event-log.js';
import { gatherHostFacts } from './network/host-facts.js';
import type { NetworkSettings } from './network/ports.js';
import { buildNetworkService } from './network/service.js';

/** Podman ≥ 4.4 as root locks this file whatever its folder; source: containers/common libnetwork/cni/network.go@v0.57.0. */
const rootLockPath = '/run/lock/podman-cni.lock';

/** Long enough for a batch, short enough that a Podman behind us does not notice. */
const maxHoldMs = 50;
/** Bounds what one commit opens at once. */
const maxBatch = 128;

export interface Daemon {
  readonly app: FastifyInstance;
  /** Clears what a crash left in the folder; nothing waits for it. */
  clearLeftovers(): Promise<void>;
  /** Ends what would never end by itself. */
  endStreams(): void;
  close(): void;
}

/** Puts the parts together; nothing runs before the first request. */
export function wire(config: Config, log: Logger): Daemon {
  const settings: NetworkSettings = {
    defaultNetwork: config.defaultNetwork,
    defaultSubnet: config.defaultSubnet,
    subnetPools: config.subnetPools,
    random: randomBytes,
  };
  const files = new Files();
  const kernel = new RtNetlink();
  const events = new EventLog({
    refresh: async () => await store.refresh(),
    follow: () => followStore(store, (error) => log.warn({ err: error }, 'the folder cannot be followed')),
  });
  const store = new NetworkStore(
    config.cniConfigDir,
    files,
    buildFallback(settings),
    (problem) => log.warn(problem, 'file skipped'),
    (change) => events.tell({ ...change, container: undefined }),
  );
  const attachments = new AttachmentIndex();
  const writer = new GroupCommit<FolderDraft>(
    buildLane(config, files, log),
    async (held) => {
      const host = gatherHostFacts(await kernel.readFacts());
      return await store.begin(held, {
        host,
        look: () => attachments.view(),
        // Bridges of a user are in a namespace of its own.
        removeBridge: async (bridge) => (config.identity.rootless ? undefined : await kernel.removeBridge(bridge)),
      });
    },
    { timeoutMs: config.lockTimeoutMs, maxHoldMs, maxBatch },
  );
  const service = buildNetworkService({
    reader: store,
    writer,
    plugins: new PluginDirs(config.cniPluginDirs, files),
    attachments,
    events,
    settings,
  });
  return {
    app: buildApp(service, log),
    async clearLeftovers() {
      if (files.listLeftovers(config.cniConfigDir).length === 0) return;
      const cleared = await writer.run((draft) => draft.clearLeftovers());
      log.warn({ files: cleared }, 'cleared unfinished files of an earlier run');
    },
    endStreams: () => events.close(),
    close: () => store.close(),
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
