import { NetworkError } from '../model/errors/errors.js';
import type { NetworkFilter } from '../model/filters/filters.js';
import type { CheckedRequest, NetworkRequest } from '../model/request.js';
import type { ExpectedRevisions, ExpectedTags } from '../model/revision.js';
import type { Freeing } from './attachments/freeing.js';
import { checkTag } from './condition/etag.js';
import { checkRequest } from './create/check.js';
import { checkRevision } from './create/check-revision.js';
import { planNetwork } from './create/plan.js';
import { gatherPluginFacts } from './create/plugin-facts.js';
import { findInDraft, findNamed, tryCheck, warnOfDifferences } from './create/ensure.js';
import type { AttachmentReader } from './dependencies/attachments.js';
import type { FindDifferences } from './dependencies/differences.js';
import type { Draft, NetworkWriter } from './dependencies/draft.js';
import type { EventRecord } from './dependencies/events.js';
import type { PluginFinder } from './dependencies/plugins.js';
import type { SettingsSource } from './dependencies/settings.js';
import type { NetworkReader, StoredNetwork } from './dependencies/stored-network.js';
import { checkRemovable, isOvertaken, maxTries } from './remove/check-removable.js';
import { hasDead, LeftBehind } from './remove/left-behind.js';
import { pruneNetworks, type PruneOutcome } from './remove/prune.js';
import { updateNetwork, type UpdatedNetwork } from './update/update-network.js';
import type { Wish } from './update/wanted-facts.js';

export interface CreatedNetwork extends StoredNetwork {
  readonly warnings: readonly string[];
}

export interface RemovedNetwork extends StoredNetwork {
  readonly warnings: readonly string[];
}

/** Changes networks, in the terms of no dialect; of a preview: foresees the outcome of a change, and changes nothing. */
export interface NetworkChanges {
  /** @throws NetworkError any kind but notFound, ambiguous, inUse, plugin; outdated only with `expected` */
  create(request: NetworkRequest, expected?: ExpectedRevisions): Promise<CreatedNetwork>;
  /**
   * Creates a network, or returns the one of that name as it is, with warnings about its differences from the request.
   *
   * @throws NetworkError as {@link create}
   */
  ensure(request: NetworkRequest, expected?: ExpectedRevisions): Promise<CreatedNetwork>;
  /**
   * Removes a network, with what dead containers left on it.
   *
   * @param force whether the client wants containers that are in the way removed; podnetd cannot, and its error says so
   * @throws NetworkError notFound, ambiguous, inUse, forbidden, storage, busy; outdated only with `expected`
   */
  remove(nameOrId: string, force: boolean, expected?: ExpectedTags): Promise<RemovedNetwork>;
  /** See {@link updateNetwork}. */
  update(nameOrId: string, wish: Wish, expected?: ExpectedTags): Promise<UpdatedNetwork>;
  /** See {@link pruneNetworks}. @throws NetworkError storage, busy */
  prune(filter: NetworkFilter): Promise<readonly PruneOutcome[]>;
}

export interface NetworkChangesParts {
  readonly reader: NetworkReader;
  readonly writer: NetworkWriter;
  readonly findDifferences: FindDifferences;
  readonly plugins: PluginFinder;
  readonly attachments: AttachmentReader;
  readonly freeing: Pick<Freeing, 'free' | 'release'>;
  /** Ends the work of dead processes, which otherwise keeps unused networks in use. */
  repair(): Promise<void>;
  readonly events: Pick<EventRecord, 'emit'>;
  readonly settings: SettingsSource;
}

export function buildNetworkChanges(parts: NetworkChangesParts): NetworkChanges {
  const { reader, writer, findDifferences, plugins, attachments, freeing, events } = parts;
  const { defaultNetwork } = parts.settings.current;
  const leftBehind = new LeftBehind({ reader, attachments, freeing, defaultNetwork });

  const create = async (
    checked: CheckedRequest,
    expected: ExpectedRevisions,
    find: (draft: Draft, checked: CheckedRequest) => StoredNetwork | undefined,
  ) => {
    const settings = parts.settings.current;
    const facts = await gatherPluginFacts(checked, plugins);
    return await writer.run(
      (draft) => {
        checkRevision(draft, settings, expected);
        const found = find(draft, checked);
        if (found !== undefined) {
          const warnings = warnOfDifferences(found.network, checked, findDifferences);
          return () => ({ ...found, warnings });
        }
        const { network, warnings } = planNetwork(checked, draft, settings, facts);
        const read = draft.add(network);
        return () => ({ ...read(), warnings });
      },
      expected === undefined ? 'host' : 'revision',
    );
  };

  return {
    async create(request, expected) {
      return await create(checkRequest(request), expected, () => undefined);
    },

    async ensure(request, expected) {
      const checked = tryCheck(request);
      if (!(checked instanceof NetworkError)) return await create(checked, expected, findInDraft);
      const found = await findNamed(reader, request.name);
      if (found === undefined) throw checked;
      return { ...found, warnings: warnOfDifferences(found.network, checked, findDifferences) };
    },

    async update(nameOrId, wish, expected) {
      return await updateNetwork(nameOrId, wish, expected, parts);
    },

    async remove(nameOrId, force, expected) {
      await parts.repair();
      let left: readonly string[] | undefined;
      for (let tries = 1; ; tries += 1) {
        try {
          const removed = await writer.run((draft) => {
            const stored = draft.find(nameOrId);
            checkTag(stored, expected);
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
      await parts.repair();
      const left = await leftBehind.freeBeforePrune(filter);
      const outcomes = await pruneNetworks(writer, defaultNetwork, filter);
      events.emit({ action: 'prune', network: undefined, container: undefined });
      return outcomes.map((outcome) => {
        const name = outcome.network?.network.name ?? '';
        return { ...outcome, warnings: [...outcome.warnings, ...(left.get(name) ?? [])] };
      });
    },
  };
}
