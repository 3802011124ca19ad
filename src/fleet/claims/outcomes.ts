import type { Cidr } from '../../model/address.js';

/** Why there is no block. */
export type NoBlock =
  /** Another host has it. `owner` is its name and id. */
  | { readonly kind: 'owned'; readonly block: Cidr; readonly owner: string }
  /** The fleet's pools of the family have no free block. */
  | { readonly kind: 'full'; readonly pools: readonly Cidr[] }
  /** The store did not answer in time. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** This host may not claim, or not this block. */
  | { readonly kind: 'refused'; readonly reason: string };

export type ClaimOutcome = { readonly kind: 'claimed'; readonly blocks: readonly Cidr[] } | NoBlock;

/** `free`: these blocks would be claimed; empty where the host has all of them. */
export type PeekOutcome = { readonly kind: 'free'; readonly blocks: readonly Cidr[] } | NoBlock;
