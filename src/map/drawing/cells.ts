import { states, type Segment, type State } from './segments.js';

/** One mark of a picture: blocks of a prefix. */
export interface Cell {
  readonly from: bigint;
  readonly to: bigint;
  /** The one that most of the blocks that are not free have; `free` where all are. */
  readonly state: State;
  /** From 0 to 1: how much of the cell is not free. */
  readonly share: number;
  /** The ones that are not free, in order. */
  readonly segments: readonly Segment[];
}

/** @param segments those that have a part of the cell, in order */
export function makeCell(from: bigint, to: bigint, segments: readonly Segment[]): Cell {
  const taken = segments.filter(({ state }) => state !== 'free');
  const [only] = segments;
  if (segments.length === 1 && only !== undefined)
    return { from, to, state: only.state, share: only.state === 'free' ? 0 : 1, segments: taken };
  const amounts = new Map<State, bigint>();
  let sum = 0n;
  for (const segment of taken) {
    const amount = least(segment.to, to) - largest(segment.from, from);
    amounts.set(segment.state, (amounts.get(segment.state) ?? 0n) + amount);
    sum += amount;
  }
  const most = states
    .filter((state) => amounts.has(state))
    .reduce<State>((best, state) => ((amounts.get(state) ?? 0n) > (amounts.get(best) ?? 0n) ? state : best), 'free');
  return { from, to, state: most, share: Number(sum) / Number(to - from), segments: taken };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function largest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
