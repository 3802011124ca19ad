import type { SubnetPool } from '../ip/pools.js';
import { acceptAll, type NetworkFilter } from '../model/filters/filters.js';
import { filterInShares } from '../model/in-shares.js';
import { etagOf } from './condition/etag.js';
import type { AttachmentReader } from './dependencies/attachments.js';
import type { SettingsSource } from './dependencies/settings.js';
import type { NetworkReader, StoredNetwork } from './dependencies/stored-network.js';
import { filterSubjectOf } from './filter/filter-subject.js';

/** Looks at networks, in the terms of no dialect. */
export interface NetworkLooks {
  /** @param nameOrId a name, an id, or the unique beginning of an id @throws NetworkError notFound, ambiguous, storage */
  inspect(nameOrId: string): Promise<StoredNetwork>;
  /** The networks that pass, in the order of their files. @throws NetworkError storage */
  list(filter: NetworkFilter): Promise<readonly StoredNetwork[]>;
  /** See {@link etagOf}. */
  etagOf(stored: StoredNetwork): string;
  /** Name of the network that containers join when none is asked for. */
  readonly defaultNetwork: string;
  /** The pools that subnets come from, in the order of the search. */
  readonly subnetPools: readonly SubnetPool[];
}

export interface NetworkLooksParts {
  readonly reader: NetworkReader;
  readonly attachments: AttachmentReader;
  readonly settings: SettingsSource;
}

export function buildNetworkLooks({ reader, attachments, settings }: NetworkLooksParts): NetworkLooks {
  const { defaultNetwork } = settings.current;
  return {
    defaultNetwork,
    etagOf,

    get subnetPools() {
      return settings.current.subnetPools;
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
  };
}
