import type { AttachmentView, UnfinishedWork } from '../network/ports.js';

/** Counts who is being put on a network, or taken off it, as using it. */
export function countUnfinished(view: AttachmentView, unfinished: readonly UnfinishedWork[]): AttachmentView {
  if (unfinished.length === 0) return view;
  return {
    of: (networkName) => view.of(networkName),
    dead: (networkName) => view.dead(networkName),
    usersOf(stored) {
      const { name } = stored.network;
      const coming = unfinished.filter(({ networkName }) => networkName === name);
      const names = coming.map(({ containerName, containerId }) => containerName ?? containerId);
      return [...new Set([...view.usersOf(stored), ...names])].toSorted();
    },
  };
}
