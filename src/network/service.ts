import type { Attachment } from '../model/attachment.js';
import { NetworkError } from '../model/errors/errors.js';
import { acceptAll, type NetworkFilter } from '../model/filters/filters.js';
import type { CheckedRequest, NetworkRequest } from '../model/request.js';
import type { Attaching } from './attachments/attaching.js';
import type { CollectedAttachment } from './attachments/collecting.js';
import type { ConnectOptions } from './attachments/check-connect.js';
import { checkRequest } from './create/check.js';
import { planNetwork } from './create/plan.js';
import { filterInShares } from './filter/in-shares.js';
import { findInDraft, findNamed, tryCheck, warnOfDifferences } from './create/ensure.js';
import { hasDead, LeftBehind } from './remove/left-behind.js';
import type { AttachmentReader, AttachmentView } from './dependencies/attachments.js';
import type { FindDifferences } from './dependencies/differences.js';
import type { Draft, NetworkWriter } from './dependencies/draft.js';
import type { EventFeed, EventRecord } from './dependencies/events.js';
import type { PluginFinder } from './dependencies/plugins.js';
import type { NetworkSettings } from './dependencies/settings.js';
import type { FileProblem, NetworkReader, StoredNetwork } from './dependencies/stored-network.js';
import { pruneNetworks, type PruneOutcome } from './remove/prune.js';
import { checkRemovable, isOvertaken, maxTries } from './remove/check-removable.js';
import { filterSubjectOf } from './filter/filter-subject.js';

export interface CreatedNetwork extends StoredNetwork {
  readonly warnings: readonly string[];
}

export interface RemovedNetwork extends StoredNetwork {
  readonly warnings: readonly string[];
}

/** The operations on networks, in the terms of no dialect. */
export interface NetworkService {
  /** @throws NetworkError any kind but notFound, ambiguous, inUse, plugin */
  create(request: NetworkRequest): Promise<CreatedNetwork>;
  /** @param nameOrId a name, an id, or the unique beginning of an id @throws NetworkError notFound, ambiguous, storage */
  inspect(nameOrId: string): Promise<StoredNetwork>;
  /**
   * Creates a network, or returns the one of that name as it is, with warnings about its differences from the request.
   *
   * @throws NetworkError as {@link create}
   */
  ensure(request: NetworkRequest): Promise<CreatedNetwork>;
  /** The networks that pass, in the order of their files. @throws NetworkError storage */
  list(filter: NetworkFilter): Promise<readonly StoredNetwork[]>;
  /**
   * Removes a network, with what dead containers left on it.
   *
   * @param force whether the client wants containers that are in the way removed; podnetd cannot, and its error says so
   * @throws NetworkError notFound, ambiguous, inUse, forbidden, storage, busy
   */
  remove(nameOrId: string, force: boolean): Promise<RemovedNetwork>;
  /** See {@link pruneNetworks}. @throws NetworkError storage, busy */
  prune(filter: NetworkFilter): Promise<readonly PruneOutcome[]>;
  /**
   * Puts a container on a network.
   *
   * @param container id, its unique beginning, or name; or path or name of a network namespace
   * @throws NetworkError notFound, ambiguous, invalid, exists, inUse, plugin, storage, busy
   */
  connect(network: string, container: string, options: ConnectOptions): Promise<Attachment>;
  /**
   * @param force forgets the attachment even if plugins fail
   * @throws NetworkError notFound, ambiguous, invalid, plugin, storage, busy
   */
  disconnect(network: string, container: string, force: boolean): Promise<void>;
  /**
   * Frees the attachments of containers whose network namespace is gone.
   *
   * @returns each of them @throws NetworkError notFound, ambiguous, storage
   */
  collect(network: string): Promise<readonly CollectedAttachment[]>;
  /** Files that cannot be used, of networks and of attachments, and attachments that can be neither made nor undone. @throws NetworkError storage */
  problems(): Promise<readonly FileProblem[]>;
  /** The current attachments. @throws NetworkError storage */
  attachments(): Promise<AttachmentView>;
  readonly events: EventFeed;
  /** Name of the network that containers join when none is asked for. */
  readonly defaultNetwork: string;
}

export interface NetworkServiceParts {
  readonly reader: NetworkReader;
  readonly writer: NetworkWriter;
  readonly findDifferences: FindDifferences;
  readonly plugins: PluginFinder;
  readonly attachments: AttachmentReader;
  readonly attaching: Pick<
    Attaching,
    'connect' | 'disconnect' | 'collect' | 'free' | 'release' | 'repair' | 'problems'
  >;
  readonly events: EventRecord;
  readonly settings: NetworkSettings;
}

export function buildNetworkService(parts: NetworkServiceParts): NetworkService {
  const { reader, writer, findDifferences, plugins, attachments, attaching, events, settings } = parts;
  const { defaultNetwork } = settings;
  const leftBehind = new LeftBehind({ reader, attachments, attaching, defaultNetwork });

  const create = async (
    checked: CheckedRequest,
    find: (draft: Draft, checked: CheckedRequest) => StoredNetwork | undefined,
  ) => {
    const dnsInstalled = checked.dnsEnabled && plugins.has('dnsname');
    return await writer.run((draft) => {
      const found = find(draft, checked);
      if (found !== undefined) {
        const warnings = warnOfDifferences(found.network, checked, findDifferences);
        return () => ({ ...found, warnings });
      }
      const { network, warnings } = planNetwork(checked, draft, settings, dnsInstalled);
      const read = draft.add(network);
      return () => ({ ...read(), warnings });
    }, 'host');
  };

  return {
    defaultNetwork,
    events,

    async create(request) {
      return await create(checkRequest(request), () => undefined);
    },

    async ensure(request) {
      const checked = tryCheck(request);
      if (!(checked instanceof NetworkError)) return await create(checked, findInDraft);
      const found = await findNamed(reader, request.name);
      if (found === undefined) throw checked;
      return { ...found, warnings: warnOfDifferences(found.network, checked, findDifferences) };
    },

    async inspect(nameOrId) {
      return await reader.find(nameOrId);
    },

    async list(filter) {
      const networks = await reader.list();
      if (filter === acceptAll) return networks;
      const view = await attachments.look();
      return await filterInShares(networks, (stored) =>
        filter(filterSubjectOf(stored, defaultNetwork, (network) => view.usersOf(network))),
      );
    },

    async connect(network, container, options) {
      return await attaching.connect(network, container, options);
    },

    async disconnect(network, container, force) {
      await attaching.disconnect(network, container, force);
    },

    async collect(network) {
      const collected = await attaching.collect(network);
      return [...collected, ...(await leftBehind.collectUnrecorded(network))];
    },

    async remove(nameOrId, force) {
      await attaching.repair();
      let left: readonly string[] | undefined;
      for (let tries = 1; ; tries += 1) {
        try {
          const removed = await writer.run((draft) => {
            const stored = draft.find(nameOrId);
            checkRemovable(stored, draft, defaultNetwork, force);
            // Plugins do not run in the lane, so the network stays until its leftovers are freed.
            if (left === undefined && hasDead(stored, draft.attachments)) return () => undefined;
            const read = draft.remove(stored);
            return () => ({ ...stored, warnings: [...read(), ...(left ?? [])] });
          });
          if (removed !== undefined) return removed;
          left = await leftBehind.freeBeforeRemoval(nameOrId);
        } catch (error) {
          if (!isOvertaken(error) || tries === maxTries) throw error;
        }
      }
    },

    async prune(filter) {
      await attaching.repair();
      const left = await leftBehind.freeBeforePrune(filter);
      const outcomes = await pruneNetworks(writer, defaultNetwork, filter);
      events.emit({ action: 'prune', network: undefined, container: undefined });
      return outcomes.map((outcome) => {
        const name = outcome.network?.network.name ?? '';
        return { ...outcome, warnings: [...outcome.warnings, ...(left.get(name) ?? [])] };
      });
    },

    async problems() {
      const [problems, networks, view] = [await reader.problems(), await reader.list(), await attachments.look()];
      const faults = view.faults(networks).map(({ path, reason, line }) => ({ path, reason, line }));
      return [...problems, ...faults, ...attaching.problems()];
    },

    async attachments() {
      return await attachments.look();
    },
  };
}
