import { randomBytes } from 'node:crypto';
import type { AttachmentIndex } from '../../src/cni/attachments/attachment-index.js';
import type { FolderBatch } from '../../src/cni/folder/batch.js';
import type { BatchHost } from '../../src/cni/folder/draft.js';
import { FolderPreview } from '../../src/cni/folder/preview.js';
import { findDifferences } from '../../src/cni/conflist/fields.js';
import { buildFallbackFile } from '../../src/cni/folder/fallback-file.js';
import { NetworkStore } from '../../src/cni/folder/store.js';
import { Files } from '../../src/host/files/files.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import { batchLimits, GroupCommit } from '../../src/locks/group-commit.js';
import type { NetworkRequest } from '../../src/model/request.js';
import { planDefaultNetwork } from '../../src/network/create/default-network.js';
import { EventLog } from '../../src/network/events/event-log.js';
import type { Want } from '../../src/network/dependencies/draft.js';
import type { AttachmentView } from '../../src/network/dependencies/attachments.js';
import { noFleet } from '../../src/network/dependencies/fleet.js';
import type { PluginFinder } from '../../src/network/dependencies/plugins.js';
import type { NetworkSettings } from '../../src/network/dependencies/settings.js';
import type { StoredNetwork } from '../../src/network/dependencies/stored-network.js';
import { KeyedQueue } from '../../src/model/keyed-queue.js';
import { showHost } from '../../src/network/attachments/attached-host.js';
import { PortClaims } from '../../src/network/attachments/port-claims.js';
import { buildServices, type ServiceParts } from '../../src/network/build-services.js';
import { withoutClaims } from '../../src/network/claiming.js';
import type { AttachmentRuntime } from '../../src/network/dependencies/runtime.js';
import { buildNetworkChanges, type NetworkChanges } from '../../src/network/network-changes.js';
import { buildNetworkLooks, type NetworkLooks } from '../../src/network/network-looks.js';
import { withoutEffects } from '../../src/network/without-effects.js';
import { buildPlanner } from '../../src/network/planner.js';
import { buildPools } from '../../src/network/pools.js';
import { scopeServices } from '../../src/network/scope/scope-services.js';
import { Problems } from '../../src/network/problems.js';
import type { Services } from '../../src/network/services.js';
import { makeLane } from './lane.js';
import { makePluginFinder } from './plugin-facts.js';
import { makeSettings } from './settings.js';

export interface TestService {
  readonly networks: NetworkLooks & NetworkChanges;
  /** As an app takes them: `networks`, and attachments that can be looked at alone. */
  readonly services: Services;
  readonly store: NetworkStore;
  readonly writer: GroupCommit<FolderBatch, Want>;
  /** Containers by the network that they are on. */
  readonly users: Map<string, readonly string[]>;
  /** Bridges whose removal podnetd asked for, in order: `br-busy` stays, `br-idle` is absent, every other one is removed. */
  readonly removedBridges: readonly string[];
  /** Removals of bridges' rules that podnetd asked for, in order; some rules of `br-ruled` stay. */
  readonly removedRules: readonly { readonly bridges: readonly string[]; readonly hasIpv6: boolean }[];
  close(): void;
}

export interface ServiceOptions {
  readonly files?: Files;
  readonly plugins?: PluginFinder;
  /** Containers by network; by default `users`, which the test fills. */
  readonly attachments?: AttachmentIndex;
  readonly settings?: Partial<NetworkSettings>;
}

/** The service of networks on a real folder and lane; the host has no links. */
export function makeService(
  folder: string,
  { files = new Files(), plugins = makePluginFinder(), attachments, settings: given = {} }: ServiceOptions = {},
): TestService {
  const settings = makeSettings({ random: randomBytes, ...given });
  const lane = makeLane(folder, files);
  const store = new NetworkStore(
    folder,
    files,
    () => buildFallbackFile(planDefaultNetwork(settings), 0),
    {
      problem: () => undefined,
      change: (change) => events.emit({ ...change, container: undefined }),
      cleared: () => undefined,
    },
    () => lane.isHeldElsewhere(),
  );
  const events = new EventLog({ refresh: async () => await store.refresh(), follow: () => () => undefined });
  const users = new Map<string, readonly string[]>();
  const view: AttachmentView = {
    of: () => [],
    all: () => [],
    dead: () => [],
    count: async () => await Promise.resolve({ live: 0, dead: 0 }),
    unrecorded: () => [],
    faults: () => [],
    leases: () => [],
    holderOf: () => ({ containerName: undefined, lives: false }),
    usersOf: ({ network }: StoredNetwork) => users.get(network.name) ?? [],
  };
  const removedBridges: string[] = [];
  const removedRules: { readonly bridges: readonly string[]; readonly hasIpv6: boolean }[] = [];
  const host = {
    links: new Map<string, string>(),
    addresses: PrefixSet.empty,
    routes: PrefixSet.empty,
    dnsServers: PrefixSet.empty,
    linkNamed: (name: string) => name,
    revision: () => '',
    linkOfAddress: () => undefined,
    linkOfRoute: () => undefined,
  };
  const batchHost: BatchHost = {
    readFacts: async () => await Promise.resolve(host),
    look: () => attachments?.view() ?? view,
    mayHaveBridge: () => true,
    removeBridge: async (bridge) => {
      removedBridges.push(bridge);
      const stays = 'bridge br-busy stays: veth0 is plugged into it';
      return await Promise.resolve(bridge === 'br-busy' ? { stays } : bridge === 'br-idle' ? 'absent' : 'removed');
    },
    removeBridgeRules: async (bridges, hasIpv6) => {
      removedRules.push({ bridges, hasIpv6 });
      return await Promise.resolve(bridges.includes('br-ruled') ? 'rules for bridge br-ruled may be left' : undefined);
    },
  };
  const writer = new GroupCommit<FolderBatch, Want>(
    lane,
    async (held, wanted) => await store.begin(held, wanted, batchHost),
    { timeoutMs: 5_000, ...batchLimits },
  );
  const reader = attachments ?? { look: async () => await Promise.resolve(view) };
  const preview = new FolderPreview(store, batchHost, files);
  const parts: ServiceParts = {
    reader: store,
    writer,
    writerFor: () => writer,
    preview,
    attachments: reader,
    runtime: noRuntime,
    host: showHost(noRuntime),
    namespaces: { find: () => undefined, judge: () => 'unknown', hold: () => undefined, links: refuse },
    queue: new KeyedQueue(),
    claims: new PortClaims(),
    events,
    findDifferences,
    plugins,
    settings: { current: settings },
    settingsWith: () => ({ current: settings }),
    claiming: withoutClaims,
    scopedClaiming: withoutClaims,
    report: () => undefined,
  };
  const networkServices = buildServices(parts);
  const changes = buildNetworkChanges({ ...parts, ...withoutEffects, events });
  const networks = Object.assign(buildNetworkLooks(parts), changes);
  const services: Services = {
    ...networkServices,
    planner: buildPlanner({ preview, plugins, settings: { current: settings } }),
    pools: buildPools({ preview, settings: { current: settings } }),
    events,
    problems: new Problems({
      ofSettings: () => undefined,
      ofFleet: () => [],
      reader: store,
      attachments: reader,
      runtime: { unfinished: () => [], problems: () => [] },
    }),
    metrics: { print: async () => await Promise.resolve('') },
    within: (label) => scopeServices(parts, label),
    fleet: noFleet,
    doctor: { examine: refuse },
  };
  return { networks, services, store, writer, users, removedBridges, removedRules, close: () => store.close() };
}

const refuse = async () => await Promise.reject(new Error('no plugins run here'));

/** One that has attached nothing. */
const noRuntime: AttachmentRuntime = {
  known: async () => await Promise.resolve({ all: () => [], ofContainer: () => [] }),
  unfinished: () => [],
  problems: () => [],
  repair: async () => await Promise.resolve([]),
  add: refuse,
  remove: refuse,
  release: refuse,
};

/** A request of libpod 4 for a bridge network. */
export function request(name: string, more: Partial<NetworkRequest> = {}): NetworkRequest {
  return {
    name,
    driver: 'bridge',
    networkInterface: '',
    subnets: [],
    ipv4Enabled: true,
    ipv6Enabled: false,
    internal: false,
    dnsEnabled: false,
    dnsServers: [],
    routes: [],
    masquerade: true,
    labels: new Map(),
    options: new Map(),
    ipamDriver: '',
    docker: undefined,
    form: 'podman4',
    ...more,
  };
}
