import type { Network } from './network.js';

/** The facts of a network that its events keep: the network may be gone by now. */
export type EventNetwork = Pick<Network, 'id' | 'name' | 'driver' | 'labels'>;

/** A change of a network or of its attachments, by any program. */
export interface NetworkEvent {
  readonly action: 'create' | 'update' | 'remove' | 'prune' | 'connect' | 'disconnect';
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  /** Undefined for `prune`, which is about the host. */
  readonly network: EventNetwork | undefined;
  /** Undefined but for `connect` and `disconnect`. */
  readonly container: { readonly id: string; readonly name: string | undefined } | undefined;
}

/** Nanoseconds since the epoch, both included. */
export interface EventBounds {
  readonly sinceNs?: bigint | undefined;
  readonly untilNs?: bigint | undefined;
}
