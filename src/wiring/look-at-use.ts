import type { LookAtUse } from '../fleet/given/look-at-use.js';
import { uncoveredParts } from '../ip/blocks.js';
import { formatCidr } from '../ip/cidr.js';
import type { PrefixSet } from '../ip/prefix-set.js';
import type { Cidr } from '../model/address.js';
import { measurePools } from '../network/addresses/capacity.js';
import { describeHolder } from '../network/addresses/holders.js';
import type { Draft, NetworkWriter } from '../network/dependencies/draft.js';
import type { NetworkSettings, SettingsSource } from '../network/dependencies/settings.js';
import type { NetworkReader } from '../network/dependencies/stored-network.js';

/** A look costs the same at ten and at ten thousand networks in own blocks, but for the count of pools. @param preview a writer that makes nothing of what is planned */
export function buildLookAtUse(
  reader: Pick<NetworkReader, 'list'>,
  preview: NetworkWriter,
  source: SettingsSource,
): LookAtUse {
  return async () => {
    const networks = (await reader.list()).length;
    return await preview.run((draft) => {
      const settings = source.current;
      const used = usedOnDisk(draft, settings);
      const strays = listStrays(used, draft, settings);
      const pools = measurePools(draft, settings);
      return () => ({ networks, strays, isUsed: (prefix: Cidr) => used.overlaps(prefix), pools });
    }, 'host');
  };
}

/** The default network that lives in memory is the same on every host, and no container is on it. */
function usedOnDisk(draft: Draft, { defaultSubnet }: NetworkSettings): PrefixSet {
  return draft.userOf(defaultSubnet)?.path === undefined ? draft.used.remove(defaultSubnet) : draft.used;
}

/** By their names, or by the files that have none. */
function listStrays(used: PrefixSet, draft: Draft, settings: NetworkSettings) {
  const { pools = [], own = [] } = settings.fleet ?? {};
  const parts = pools.flatMap(({ base }) => uncoveredParts(base, own));
  // A prefix may have a part of several.
  const prefixes = new Map(parts.flatMap((part) => [...used.members(part)]).map((one) => [formatCidr(one), one]));
  return Array.from(prefixes.values(), (prefix) => {
    const { name, file } = describeHolder('network', prefix, draft, settings);
    return { name: name ?? file ?? '', subnets: [prefix] };
  });
}
