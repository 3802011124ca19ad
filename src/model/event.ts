import type { Network } from './network.js';

/** Something that happened to a network, whoever did it. */
export interface NetworkEvent {
  readonly action: 'create' | 'remove' | 'prune' | 'connect' | 'disconnect';
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  /** Undefined for `prune`, which is about the host. */
  readonly network: Network | undefined;
  /** Of `connect` and `disconnect`. */
  readonly container: { readonly id: string; readonly name: string | undefined } | undefined;
}
