import { blockAt, countBlocks } from '../../ip/blocks.js';
import type { Cidr } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';
import type { ClaimStore, Step } from '../store/claim-store.js';
import { indexOfKey, type Keys } from '../store/keys.js';

/** Claims that one answer lists. */
const mostKeys = 128;
const slices = 64n;

interface Slice {
  readonly from: bigint;
  /** Not in it. */
  readonly to: bigint;
}

/**
 * Some of the lowest free blocks of a pool; none where all are claimed. It asks for as many pages as the pool's number of blocks has digits in base 64, and one more.
 *
 * @param wanted how many at most @throws StoreError
 */
export async function findFreeBlocks(
  store: ClaimStore,
  keys: Keys,
  pool: FleetPool,
  wanted: number,
  deadline: number,
  random: () => number,
): Promise<readonly Cidr[]> {
  const ask = async (success: readonly Step[]) => (await store.run({ success }, deadline)).steps;
  const whole: Slice = { from: 0n, to: countBlocks(pool) };
  let part = whole;
  for (;;) {
    const range = keys.blocksBetween(pool, part.from, part.to);
    const [listed] = await ask([{ kind: 'read', ...range, limit: mostKeys, keysOnly: true }]);
    const { found = [], count = 0 } = listed ?? {};
    const claimed = found.flatMap(({ key }) => indexOfKey(pool, key) ?? []);
    // Behind the last listed key nothing is known where the answer has not all.
    const known = count > found.length ? { from: part.from, to: (claimed.at(-1) ?? part.from) + 1n } : part;
    const free = listFree(known, claimed, wanted);
    const isAll = known === part || free.length >= wanted;
    if (free.length > 0 && (isAll || part.to - part.from <= slices)) return free.map((index) => blockAt(pool, index));
    if (isAll && part === whole) return [];
    // Other hosts took what was free in this part a moment ago.
    if (isAll) {
      part = whole;
      continue;
    }
    const next = await narrow(part, wanted, random, async (parts) => {
      const steps = parts.map(({ from, to }): Step => ({ kind: 'count', ...keys.blocksBetween(pool, from, to) }));
      return (await ask(steps)).map((step) => BigInt(step.count));
    });
    if (next === undefined && part === whole) return free.map((index) => blockAt(pool, index));
    part = next ?? whole;
  }
}

/** One of the first slices that have so many free blocks together, by chance and weight; undefined where none has a free one. */
async function narrow(
  part: Slice,
  wanted: number,
  random: () => number,
  count: (parts: readonly Slice[]) => Promise<readonly bigint[]>,
): Promise<Slice | undefined> {
  const parts = cut(part);
  const claimed = await count(parts);
  const weights: { readonly slice: Slice; readonly weight: number }[] = [];
  let sum = 0;
  for (const [at, slice] of parts.entries()) {
    const free = slice.to - slice.from - (claimed[at] ?? 0n);
    if (free <= 0n) continue;
    const weight = Math.min(Number(free), wanted - sum);
    weights.push({ slice, weight });
    sum += weight;
    if (sum >= wanted) break;
  }
  let chance = random() * sum;
  return (weights.find(({ weight }) => (chance -= weight) < 0) ?? weights.at(-1))?.slice;
}

function cut({ from, to }: Slice): readonly Slice[] {
  const size = (to - from) / slices;
  return Array.from({ length: Number(slices) }, (_, at) => {
    const start = from + BigInt(at) * size;
    return { from: start, to: start + size };
  });
}

/** @param claimed sorted */
function listFree({ from, to }: Slice, claimed: readonly bigint[], wanted: number): readonly bigint[] {
  const free: bigint[] = [];
  let next = from;
  for (const index of [...claimed, to]) {
    for (; next < index && next < to && free.length < wanted; next += 1n) free.push(next);
    next = index + 1n;
  }
  return free;
}
