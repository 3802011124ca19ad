import type { Cidr } from '../model/address.js';

/** The claims of a host that somebody wants to give back. */
export interface HostRelease {
  readonly host: string;
  /** Undefined for a host that the store does not know. */
  readonly name: string | undefined;
  readonly isAlive: boolean;
  /** Of its last heartbeat that the store knows. */
  readonly lastSeen: Date | undefined;
  readonly blocks: readonly Cidr[];
  /**
   * Gives all claims back, those too that came since.
   *
   * @returns the blocks that are free now; 'alive' where the host's heartbeat lives, and then those that are left stay claimed
   * @throws StoreError
   */
  release(): Promise<readonly Cidr[] | 'alive'>;
}
