import { formatCidr, overlaps, isSameCidr } from '../../ip/cidr.js';
import type { FleetPool } from '../../model/fleet.js';
import { StoreError, type ClaimStore, type Step } from '../store/claim-store.js';
import { readLayout, writeLayout, type LayoutPool } from '../store/values.js';

const mostTries = 4;

/** A phrase that names the pools that contradict each other. */
type Contradiction = { readonly contradiction: string };

/**
 * Adds the pools of a host to those of the fleet.
 *
 * @returns the value of the key, which is a condition of claims @throws StoreError
 */
export async function agreeOnLayout(
  store: ClaimStore,
  key: string,
  own: readonly FleetPool[],
  deadline: number,
): Promise<{ readonly layout: string } | Contradiction> {
  const read: Step = { kind: 'read', key };
  let answer = await store.run({ success: [read] }, deadline);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const seen = answer.steps[0]?.found[0]?.value;
    const known = seen === undefined ? [] : readLayout(seen);
    if (known === undefined)
      return {
        contradiction: `the key ${key} has no pools that podnetd can read; a newer podnetd may have written it`,
      };
    const joined = joinLayout(known, own);
    if ('contradiction' in joined) return joined;
    if (seen !== undefined && !joined.isNew) return { layout: seen };
    const layout = writeLayout(joined.pools);
    const put: Step = { kind: 'put', key, value: layout };
    answer = await store.run({ when: [{ key, value: seen }], success: [put], failure: [read] }, deadline);
    if (answer.isMet) return { layout };
  }
  throw new StoreError('unreachable', `the key ${key} changes all the time`);
}

/**
 * The pools of the fleet with those of a host. Hosts with other blocks in one prefix would not see each other's claims, so a pool either is
 * there with its length of blocks, or overlaps none.
 */
function joinLayout(
  known: readonly LayoutPool[],
  own: readonly FleetPool[],
): { readonly pools: readonly LayoutPool[]; readonly isNew: boolean } | Contradiction {
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
