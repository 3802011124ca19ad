import type { SubnetPool } from '../../ip/pools.js';
import type { WantedPrefix } from '../../ip/allocate.js';
import type { Cidr } from '../../model/address.js';
import type { PrefixHolder } from './holders.js';

/** Why a subnet of a request is the one that it is, or why there is none. */
export interface SubnetExplanation {
  /** The prefix that the request names, or what it wants of a pool. */
  readonly wanted: Cidr | WantedPrefix;
  /** Undefined for a subnet that is refused. */
  readonly chosen: Cidr | undefined;
  /** The pool that the subnet comes from; undefined for one that the request names, a random one, and none. */
  readonly pool: SubnetPool | undefined;
  /** The free block that the subnet was cut from, which is itself where it fits exactly; undefined without a pool. */
  readonly cutFrom: Cidr | undefined;
  /** How many blocks lie behind the search, in the order of its pools, with the chosen one. */
  readonly looked: bigint;
  /** Who has blocks that the search passed over, in its order; who is in the way of a prefix that the request names. */
  readonly passedOver: readonly PassedOver[];
  /** How many blocks that are passed over, or prefixes in the way, `passedOver` has no room for. */
  readonly unlisted: bigint;
}

/** Blocks in a row that one holder has. */
export interface PassedOver {
  /** With the first of its prefixes, where it has several in a row. */
  readonly holder: PrefixHolder;
  readonly first: Cidr;
  readonly last: Cidr;
  readonly blocks: bigint;
}

/** Entries of `passedOver` at most. */
export const maxPassedOver = 100;
