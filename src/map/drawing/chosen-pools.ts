import { fullnessOf } from './fullness.js';
import type { PoolBody } from './view.js';

/** The pools that a picture has room for. */
export interface ChosenPools {
  readonly shown: readonly PoolBody[];
  /** In words; undefined when all are shown. */
  readonly rest: string | undefined;
}

/** @param most pools at most; the first, in their order */
export function choosePools(pools: readonly PoolBody[], most: number): ChosenPools {
  const shown = pools.slice(0, most);
  const others = pools.slice(most);
  if (others.length === 0) return { shown, rest: undefined };
  const full = others.filter((pool) => fullnessOf(pool) !== 'roomy').length;
  return {
    shown,
    rest: `${others.length} more pools are not drawn, of which ${full} are full or nearly full; podnetd map --json lists them`,
  };
}
