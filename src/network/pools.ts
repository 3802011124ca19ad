import type { PrefixSize } from '../model/address.js';
import { formatSize } from '../ip/prefix-size.js';
import { NetworkError } from '../model/errors/errors.js';
import { findFreePrefixes, measurePools, type FreePrefixes, type PoolCapacity } from './addresses/capacity.js';
import type { TakenPrefixes } from './addresses/claims.js';
import { isLeasable, longestLeasable } from '../ip/leasable.js';
import { listTaken, type TakenBlocks } from './addresses/taken-blocks.js';
import type { NetworkWriter } from './dependencies/draft.js';
import type { ReservedPrefix, SettingsSource } from './dependencies/settings.js';

export interface MeasuredPool extends PoolCapacity {
  /** Undefined when it was not asked for. */
  readonly taken: TakenBlocks | undefined;
}

export interface PoolReport {
  /** In the order of the settings. */
  readonly pools: readonly MeasuredPool[];
  readonly reserved: readonly ReservedPrefix[];
}

/** Measures the pools that subnets come from, as they are at one moment. */
export interface Pools {
  /** @param listed runs of taken blocks for each pool at most; undefined leaves them out @throws NetworkError storage */
  measure(listed?: number): Promise<PoolReport>;
  /** Prefixes of a size that a create may get. @param limit number of listed ones at most @throws NetworkError storage, and invalid for a size of which host-local leases nothing */
  findFree(size: PrefixSize, limit: number): Promise<FreePrefixes>;
}

export interface PoolsParts {
  /** One that makes nothing of what is planned. */
  readonly preview: NetworkWriter;
  readonly settings: SettingsSource;
}

export function buildPools({ preview, settings: source }: PoolsParts): Pools {
  return {
    async measure(listed) {
      const settings = source.current;
      const { measured, taken } = await preview.run((draft) => {
        const found = { measured: measurePools(draft, settings), taken: draft as TakenPrefixes };
        return () => found;
      }, 'host');
      const pools: MeasuredPool[] = [];
      for (const one of measured)
        pools.push({
          ...one,
          taken: listed === undefined ? undefined : await listTaken(one.pool, listed, taken, settings),
        });
      return { pools, reserved: settings.reserved };
    },

    async findFree(size, limit) {
      if (!isLeasable(size))
        throw new NetworkError('subnetTooSmall', { subnet: formatSize(size), longest: longestLeasable(size) });
      const settings = source.current;
      return await preview.run((draft) => {
        const found = findFreePrefixes(size, limit, draft, settings);
        return () => found;
      }, 'host');
    },
  };
}
