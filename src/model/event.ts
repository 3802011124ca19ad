import type { Network } from './network.js';

/** A network as events are about it: it may be gone by now, and an event outlives it. */
export type EventNetwork = Pick<Network, 'id' | 'name' | 'driver' | 'labels'>;

/** Something that happened to a network, whoever did it. */
export interface NetworkEvent {
  readonly action: 'create' | 'remove' | 'prune' | 'connect' | 'disconnect';
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint;
  /** Undefined for `prune`, which is about the host. */
  readonly network: EventNetwork | undefined;
  /** Of `connect` and `disconnect`. */
  readonly container: { readonly id: string; readonly name: string | undefined } | undefined;
}

/** Nanoseconds since the epoch, both included. */
export interface EventBounds {
  readonly sinceNs?: bigint | undefined;
  readonly untilNs?: bigint | undefined;
}
