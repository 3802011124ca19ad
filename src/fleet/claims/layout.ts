import { formatCidr, overlaps, isSameCidr } from '../../ip/cidr.js';
import type { FleetPool } from '../../model/fleet.js';
import type { LayoutPool } from '../store/values.js';

export type JoinedLayout =
  | { readonly pools: readonly LayoutPool[]; readonly isNew: boolean }
  /** A phrase that names the pools that contradict each other. */
  | { readonly contradiction: string };

/**
 * The pools of the fleet with those of a host. Hosts with other blocks in one prefix would not see each other's claims, so a pool either is
 * there with its length of blocks, or overlaps none.
 */
export function joinLayout(known: readonly LayoutPool[], own: readonly FleetPool[]): JoinedLayout {
  const added: LayoutPool[] = [];
  for (const { base, blockBits } of own) {
    const other = known.find((pool) => overlaps(pool.base, base));
    if (other === undefined) added.push({ base, blockBits });
    else if (!isSameCidr(other.base, base) || other.blockBits !== blockBits)
      return {
        contradiction:
          `the pool ${formatCidr(base)} with blocks of /${blockBits} of this host contradicts the fleet's pool ` +
          `${formatCidr(other.base)} with blocks of /${other.blockBits}; write that one into [fleet] of podnetd.toml`,
      };
  }
  return { pools: [...known, ...added], isNew: added.length > 0 };
}
