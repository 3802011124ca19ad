import type { Cidr } from '../model/address.js';
import type { NetworkChanges } from './network-changes.js';
import type { NetworkPlanner } from './planner.js';

/** Builds a service that decides as if this host had these blocks of its fleet besides its own ones. */
export type WithBlocks<T> = (more: readonly Cidr[]) => T;

/** Gets the blocks of the fleet that decisions lack. */
export interface Claiming {
  /** Changes that claim what they lack, and decide again. @param foreseen the same changes, without effects and claims */
  changes(changes: NetworkChanges, foreseen: NetworkChanges): NetworkChanges;
  /** Previews of changes that would claim what they lack. */
  previews(at: WithBlocks<NetworkChanges>): NetworkChanges;
  planner(at: WithBlocks<NetworkPlanner>): NetworkPlanner;
}

/** For a host that claims no blocks. */
export const withoutClaims: Claiming = {
  changes: (changes) => changes,
  previews: (at) => at([]),
  planner: (at) => at([]),
};
