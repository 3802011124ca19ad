import type { FileProblem } from '../../network/dependencies/stored-network.js';
import type { LeftBridge } from './left-bridges.js';
import type { NetworkChange } from './network-index.js';

/** Receives the findings of a store, within the call that makes them. */
export interface StoreListener {
  problem(problem: FileProblem): void;
  /** A network appeared or vanished, whichever program made the change, or this podnetd changed it. */
  change(change: NetworkChange): void;
  /** podnetd removed files that a dead process left, and the bridges of networks that the process had removed. */
  cleared(fileNames: readonly string[], bridges: readonly LeftBridge[]): void;
}
