import type { Attachment } from '../../model/attachment.js';
import type { AttachmentView } from '../../network/dependencies/attachments.js';
import type { UnfinishedWork } from '../../network/dependencies/runtime.js';

/** A view in which attachments under way (ADD or DEL) count as attached and in use. */
export function countUnfinished(view: AttachmentView, unfinished: readonly UnfinishedWork[]): AttachmentView {
  if (unfinished.length === 0) return view;
  const comingTo = (name: string) => unfinished.filter(({ networkName }) => networkName === name);
  return {
    of(networkName) {
      const attached = view.of(networkName);
      const isKnown = ({ containerId, ifName }: Attachment) =>
        attached.some((known) => known.containerId === containerId && known.ifName === ifName);
      return [...attached, ...comingTo(networkName).filter((work) => !isKnown(work))];
    },
    all: () => view.all(),
    dead: (networkName) => view.dead(networkName),
    count: async () => await view.count(),
    unrecorded: (network) => view.unrecorded(network),
    faults: (networks) => view.faults(networks),
    leases: (network) => view.leases(network),
    holderOf(containerId, stored) {
      const { containerName, lives } = view.holderOf(containerId, stored);
      const coming = comingTo(stored.network.name).find((work) => work.containerId === containerId);
      return { containerName: containerName ?? coming?.containerName, lives: lives || coming !== undefined };
    },
    usersOf(stored) {
      const names = comingTo(stored.network.name).map(({ containerName, containerId }) => containerName ?? containerId);
      return [...new Set([...view.usersOf(stored), ...names])].toSorted();
    },
  };
}
