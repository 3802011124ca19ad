import type { PoolBody } from './view.js';

export type Fullness = 'full' | 'nearly full' | 'roomy';

/** A pool of which more than nine tenths are not free is nearly full. */
export function fullnessOf({ blocks: { total, free } }: Pick<PoolBody, 'blocks'>): Fullness {
  if (free <= 0) return 'full';
  return free * 10 < total ? 'nearly full' : 'roomy';
}

/** How much of a pool is not free, in words: `0 %` and `100 %` are exact. */
export function formatShare({ blocks: { total, free } }: Pick<PoolBody, 'blocks'>): string {
  const taken = total - free;
  const percent = (taken / total) * 100;
  if (taken === 0) return '0 %';
  if (percent < 1) return 'under 1 %';
  if (free > 0 && percent > 99) return 'over 99 %';
  return `${Math.floor(percent)} %`;
}
