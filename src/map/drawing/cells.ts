import { states, type Segment, type State } from './segments.js';

/** One mark of a picture: blocks of a prefix. */
export interface Cell {
  readonly from: bigint;
  readonly to: bigint;
  /** The one that most of the blocks that are not free have; `free` where all are. */
  readonly state: State;
  /** How much of the cell is not free: 0 when all is free, 1 when nothing is, and between the two else, however few blocks differ. */
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
  return { from, to, state: most, share: shareOf(sum, to - from), segments: taken };
}

/** A quotient of numbers above 2^53 may round to 1 while blocks are free. */
function shareOf(taken: bigint, total: bigint): number {
  return taken === total ? 1 : Math.min(Number(taken) / Number(total), 1 - Number.EPSILON);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function largest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
