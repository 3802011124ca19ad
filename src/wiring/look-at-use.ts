import type { LookAtUse } from '../fleet/given/look-at-use.js';
import type { Cidr } from '../model/address.js';
import { measurePools } from '../network/addresses/capacity.js';
import { describeHolder } from '../network/addresses/holders.js';
import type { Draft, NetworkWriter } from '../network/dependencies/draft.js';
import type { NetworkSettings, SettingsSource } from '../network/dependencies/settings.js';
import type { NetworkReader } from '../network/dependencies/stored-network.js';

/** @param preview a writer that makes nothing of what is planned */
export function buildLookAtUse(
  reader: Pick<NetworkReader, 'list'>,
  preview: NetworkWriter,
  source: SettingsSource,
): LookAtUse {
  return async () => {
    const names = (await reader.list()).map(({ network }) => network.name);
    return await preview.run((draft) => {
      const settings = source.current;
      const found = { networks: listNetworks(names, draft, settings), pools: measurePools(draft, settings) };
      return () => found;
    }, 'host');
  };
}

/** Every network with its prefixes in the fleet's pools, and each file that is none but names such a prefix. */
function listNetworks(names: readonly string[], draft: Draft, settings: NetworkSettings) {
  const subnets = new Map<string, Cidr[]>(names.map((name) => [name, []]));
  for (const { base } of settings.fleet?.pools ?? []) {
    for (const prefix of draft.used.members(base)) {
      const { name, file } = describeHolder('network', prefix, draft, settings);
      // The default network that lives in memory is the same on every host, and no container is on it.
      if (file === undefined) continue;
      const holder = name ?? file;
      const others = subnets.get(holder);
      if (others === undefined) subnets.set(holder, [prefix]);
      else others.push(prefix);
    }
  }
  return Array.from(subnets, ([name, own]) => ({ name, subnets: own }));
}
