import { findFreeBlock, ulaRange, usualUla, type SearchedPool, type WantedPrefix } from '../../ip/allocate.js';
import { bitsOf, isSameCidr, lastAddress } from '../../ip/cidr.js';
import { isPrefix } from '../../ip/prefix-size.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { isRandom, poolsOf, shortestFirst } from './choose-subnets.js';
import { claimsOn, firmClaims, joinClaims, type Claim, type TakenPrefixes } from './claims.js';
import { findCollisions, type Asking } from './collisions.js';
import { maxPassedOver, type SubnetExplanation } from './explanation.js';
import { describeHolder } from './holders.js';
import { PassedOverList } from './passed-over-list.js';
import { takenRuns } from './taken-runs.js';

/** A subnet of a request, and what became of it. */
export type Decided = Pick<SubnetExplanation, 'wanted' | 'chosen'>;

/**
 * Explains subnets after the decision, of which it repeats the search, so that a decision pays nothing for explanations.
 *
 * @param decided every subnet of the network to be
 * @param name of the network to be
 * @returns an explanation for each, in their order
 */
export function explainSubnets(
  decided: readonly Decided[],
  name: string,
  asking: Asking,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): readonly SubnetExplanation[] {
  const explanations = new Map<Decided, SubnetExplanation>();
  const own: Cidr[] = [];
  const searched: { readonly one: Decided; readonly wanted: WantedPrefix }[] = [];
  for (const one of decided) {
    const { wanted, chosen } = one;
    if (!isPrefix(wanted)) searched.push({ one, wanted });
    else {
      explanations.set(one, { ...one, ...explainNamed(wanted, asking, taken, settings) });
      if (chosen !== undefined) own.push(chosen);
    }
  }
  for (const { one, wanted } of searched.toSorted((a, b) => shortestFirst(a.wanted, b.wanted))) {
    const explained = explainSearch(wanted, one.chosen, withOwn(taken, own, name), settings);
    explanations.set(one, { ...one, ...explained });
    if (one.chosen !== undefined) own.push(one.chosen);
  }
  return decided.flatMap((one) => explanations.get(one) ?? []);
}

type Found = Omit<SubnetExplanation, keyof Decided>;

const nothing: Found = { pool: undefined, cutFrom: undefined, looked: 1n, passedOver: [], unlisted: 0n };

/** Every prefix in the way, of which the first is the refusal's. */
function explainNamed(named: Cidr, asking: Asking, taken: TakenPrefixes, settings: NetworkSettings): Found {
  const collisions = [...findCollisions(named, asking, taken, settings)];
  const passedOver = collisions.slice(0, maxPassedOver).map(({ kind, prefix }) => {
    return { holder: describeHolder(kind, prefix, taken, settings), first: named, last: named, blocks: 1n };
  });
  return { ...nothing, passedOver, unlisted: BigInt(collisions.length - passedOver.length) };
}

function explainSearch(
  wanted: WantedPrefix,
  chosen: Cidr | undefined,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): Found {
  if (chosen !== undefined && isRandom(wanted, settings)) return nothing;
  const { claims, set } = respectedClaims(chosen, taken, settings);
  const pools = searchedPools(wanted, settings);
  const pool = chosen && pools.find((one) => findFreeBlock([one], set) !== undefined);
  const list = new PassedOverList((kind, prefix) => describeHolder(kind, prefix, taken, settings), maxPassedOver);
  let [looked, passed] = [0n, 0n];
  for (const one of pools) {
    const { base, prefixBits } = one;
    const until = one === pool && chosen !== undefined ? chosen.base : lastAddress(base).value + 1n;
    const blocks = (until - base.base) >> BigInt(bitsOf(base.family) - prefixBits);
    looked += blocks;
    // Every block is taken in a pool that the search left, and before the lowest free one. Free ones lie before a block that is cut elsewhere.
    const isFull = chosen !== undefined && (one !== pool || one.isOwn);
    passed += isFull ? blocks : set.countOccupiedBelow(base, prefixBits, until);
    for (const run of takenRuns(one, claims, until)) if (!list.add(run)) break;
    if (one === pool) break;
  }
  return {
    pool,
    cutFrom: pool?.isOwn === false ? set.bestFit(pool.base, pool.prefixBits) : pool && chosen,
    looked: pool === undefined ? looked : looked + 1n,
    passedOver: list.entries,
    unlisted: passed - list.blocks,
  };
}

/** The claims that the choice respected: all, or those alone that leave none when no other block was free. */
function respectedClaims(
  chosen: Cidr | undefined,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): { readonly claims: readonly Claim[]; readonly set: PrefixSet } {
  const all = claimsOn(taken, settings);
  const set = joinClaims(all, settings);
  if (chosen !== undefined && !set.overlaps(chosen)) return { claims: all, set };
  return { claims: firmClaims(all), set: joinClaims(firmClaims(all), settings) };
}

function searchedPools(wanted: WantedPrefix, settings: NetworkSettings): readonly SearchedPool[] {
  if (!isRandom(wanted, settings)) return poolsOf(wanted, settings);
  return [{ base: ulaRange, prefixBits: wanted.prefixBits ?? usualUla, isOwn: true }];
}

/** The prefixes in use with those of the same request. */
function withOwn(taken: TakenPrefixes, own: readonly Cidr[], name: string): TakenPrefixes {
  const { used, routed, host, sight } = taken;
  const userOf = (prefix: Cidr) =>
    taken.userOf(prefix) ??
    (own.some((one) => isSameCidr(one, prefix)) ? { network: name, path: undefined } : undefined);
  return { used: own.reduce((set, prefix) => set.add(prefix), used), routed, host, sight, userOf };
}
