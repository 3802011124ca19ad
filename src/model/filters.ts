import type { Network } from './network.js';

/** What a filter is asked about. */
export interface FilterSubject {
  readonly network: Network;
  /** In the order of the chain. */
  readonly pluginTypes: readonly string[];
  /** The network that is there without being made. */
  readonly isDefault: boolean;
  /** Whether a container is on it, or it is the default network. */
  isInUse(): boolean;
}

/** Whether a network is wanted. */
export type NetworkFilter = (subject: FilterSubject) => boolean;

export const acceptAll: NetworkFilter = () => true;
