import type { NetworkChangesParts } from './network-changes.js';

/**
 * The parts of a service whose changes are only foreseen, besides its writer. Such a service ends no work of dead processes, frees nothing that
 * dead containers left, and emits no event; it goes on as if all of that had been done without a failure.
 */
export const withoutEffects: Pick<NetworkChangesParts, 'freeing' | 'repair' | 'events'> = {
  freeing: { free: async () => await Promise.resolve([]), release: async () => await Promise.resolve([]) },
  repair: async () => await Promise.resolve(),
  events: { emit: () => undefined },
};
