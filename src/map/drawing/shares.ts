import type { State } from './segments.js';
import type { PoolBody } from './view.js';

export interface StateCount {
  readonly state: State;
  /** Blocks. */
  readonly count: number;
}

/** How many blocks of a pool each state has: those that have none are left out, but for the free ones. */
export function countStates({ blocks: { used, reserved, blocked, free } }: PoolBody): readonly StateCount[] {
  const counts: readonly StateCount[] = [
    { state: 'network', count: used },
    { state: 'reserved', count: reserved },
    { state: 'host', count: blocked },
    { state: 'free', count: free },
  ];
  return counts.filter(({ state, count }) => state === 'free' || count > 0);
}

/** Shares marks of a bar out by counts. Each count above 0 gets a mark, so that few blocks of many are seen; the largest pays for it. */
export function shareOut(
  counts: readonly StateCount[],
  marks: number,
): readonly { readonly state: State; readonly marks: number }[] {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return [];
  const shares = counts.map(({ state, count }) => ({
    state,
    marks: count === 0 ? 0 : Math.max(1, Math.floor((count / total) * marks)),
  }));
  const given = shares.reduce((sum, share) => sum + share.marks, 0);
  const largest = shares.reduce((best, share) => (share.marks > best.marks ? share : best));
  return shares.map((share) => (share === largest ? { ...share, marks: share.marks + marks - given } : share));
}
