import type { PoolBlocks } from './blocks.js';
import type { PoolBody, TakenBody } from './view.js';

/** How a picture shows a block; `unlisted` stands for blocks of which the report does not say who has them. */
export type State = 'network' | 'reserved' | 'host' | 'unlisted' | 'free';

/** Every state, in the order of legends; of two that have as much of a cell, the first is shown. */
export const states: readonly State[] = ['network', 'reserved', 'host', 'unlisted', 'free'];

/** Blocks in a row of one state, from the first to the one behind the last. */
export interface Segment {
  readonly from: bigint;
  readonly to: bigint;
  readonly state: State;
  /** Who has them; undefined for free and unlisted ones. */
  readonly holder: Holder | undefined;
}

/** An entry of the report, with its place in the list of the pool, from 1. */
export interface Holder {
  readonly number: number;
  readonly taken: TakenBody;
}

/** The whole pool as segments without gaps. */
export function splitPool(pool: PoolBody, blocks: PoolBlocks): readonly Segment[] {
  const { taken = [] } = pool;
  const segments: Segment[] = [];
  let at = 0n;
  const fill = (to: bigint, state: State) => {
    if (to > at) segments.push({ from: at, to, state, holder: undefined });
  };
  for (const [index, one] of taken.entries()) {
    const from = largest(blocks.indexOf(one.first), at);
    const to = least(blocks.indexOf(one.last) + 1n, blocks.total);
    if (to <= from) continue;
    fill(from, 'free');
    segments.push({ from, to, state: stateOf(one), holder: { number: index + 1, taken: one } });
    at = to;
  }
  fill(blocks.total, isWhole(pool) ? 'free' : 'unlisted');
  return segments;
}

/** Kinds of holders; all others are things of this host. */
const statesOfKinds: ReadonlyMap<string, State> = new Map([
  ['network', 'network'],
  ['reserved', 'reserved'],
  ['other-host', 'network'],
  ['silent-host', 'reserved'],
]);

export function stateOf({ kind }: Pick<TakenBody, 'kind'>): State {
  return statesOfKinds.get(kind) ?? 'host';
}

/** Whether the report says who has each block. */
function isWhole({ taken, unlisted, blocks: { total, free } }: PoolBody): boolean {
  return taken === undefined ? total === free : (unlisted ?? 0) === 0;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function largest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
