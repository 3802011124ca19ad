import type { AuditedRequest } from '../model/audited-request.js';
import type { KeyedQueue } from '../model/keyed-queue.js';
import { Attaching } from './attachments/attaching.js';
import { Freeing } from './attachments/freeing.js';
import type { PortClaims } from './attachments/port-claims.js';
import type { Claiming, WithBlocks } from './claiming.js';
import type { AttachmentReader } from './dependencies/attachments.js';
import type { FindDifferences } from './dependencies/differences.js';
import type { NetworkWriter } from './dependencies/draft.js';
import type { EventRecord } from './dependencies/events.js';
import type { ContainerNamespaces } from './dependencies/namespaces.js';
import type { PluginFinder } from './dependencies/plugins.js';
import type { AttachedHost, AttachmentRuntime, Repair } from './dependencies/runtime.js';
import type { SettingsSource } from './dependencies/settings.js';
import type { NetworkReader } from './dependencies/stored-network.js';
import { buildLeasedAddresses } from './leased-addresses.js';
import { buildNetworkChanges, type NetworkChanges } from './network-changes.js';
import { buildNetworkLooks } from './network-looks.js';
import type { Services } from './services.js';
import { withoutEffects } from './without-effects.js';

/** The parts through which services see and change networks and attachments: of the whole host, or of the networks of a label. */
export interface ServiceParts {
  readonly reader: NetworkReader;
  readonly writer: NetworkWriter;
  readonly writerFor: (request: AuditedRequest) => NetworkWriter;
  /** One that makes nothing of what is planned. */
  readonly preview: NetworkWriter;
  readonly attachments: AttachmentReader;
  readonly runtime: AttachmentRuntime;
  readonly host: AttachedHost;
  readonly namespaces: ContainerNamespaces;
  /** By container id. */
  readonly queue: KeyedQueue;
  readonly claims: PortClaims;
  readonly events: EventRecord;
  readonly findDifferences: FindDifferences;
  readonly plugins: PluginFinder;
  readonly settings: SettingsSource;
  /** Settings as if this host had further blocks of its fleet. */
  readonly settingsWith: WithBlocks<SettingsSource>;
  readonly claiming: Claiming;
  /** The same for clients who may know of no other host. */
  readonly scopedClaiming: Claiming;
  /** Receives the outcome of repairs, also an empty one. */
  readonly report: (repairs: readonly Repair[]) => void;
}

/** Services on networks and their attachments. */
export type NetworkServices = Pick<
  Services,
  'networks' | 'changes' | 'changesOf' | 'previews' | 'attachments' | 'addresses'
>;

export function buildServices(parts: ServiceParts): NetworkServices {
  const { reader, attachments, runtime, writer, writerFor, preview, claiming, report } = parts;
  const freeing = new Freeing(parts);
  const repair = async () => report(await runtime.repair(() => true, { patient: false }));
  const changing = { ...parts, freeing, repair };
  const changes = buildNetworkChanges({ ...changing, writer });
  const foreseeing: WithBlocks<NetworkChanges> = (more) =>
    buildNetworkChanges({ ...parts, ...withoutEffects, writer: preview, settings: parts.settingsWith(more) });
  const foreseen = foreseeing([]);
  return {
    networks: buildNetworkLooks(parts),
    changes: claiming.changes(changes, foreseen),
    changesOf: (request) =>
      claiming.changes(buildNetworkChanges({ ...changing, writer: writerFor(request) }), foreseen),
    previews: claiming.previews(foreseeing),
    attachments: new Attaching({ ...parts, freeing }),
    addresses: buildLeasedAddresses({ reader, attachments }),
  };
}
