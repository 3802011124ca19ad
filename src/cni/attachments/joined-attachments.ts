import { formatAddress } from '../../ip/cidr.js';
import type { AttachmentReader, AttachmentView } from '../../network/dependencies/attachments.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';

/** The attachments of several runtimes, each with folders of its own. */
export class JoinedAttachments implements AttachmentReader {
  constructor(private readonly indexes: readonly (AttachmentReader & { view(): AttachmentView })[]) {}

  /** @throws NetworkError storage */
  async look(): Promise<AttachmentView> {
    return join(await Promise.all(this.indexes.map(async (index) => await index.look())));
  }

  /** The attachments as of the last poll of the event loop. @throws NetworkError storage */
  view(): AttachmentView {
    return join(this.indexes.map((index) => index.view()));
  }
}

function join(views: readonly AttachmentView[]): AttachmentView {
  return {
    of: (networkName: string) => views.flatMap((view) => view.of(networkName)),
    all: () => views.flatMap((view) => view.all()),
    dead: (networkName: string) => views.flatMap((view) => view.dead(networkName)),
    count: async () => {
      const counts = await Promise.all(views.map(async (view) => await view.count()));
      return {
        live: counts.reduce((sum, { live }) => sum + live, 0),
        dead: counts.reduce((sum, { dead }) => sum + dead, 0),
      };
    },
    unrecorded: (network: StoredNetwork) => views.flatMap((view) => view.unrecorded(network)),
    faults: (networks: Iterable<StoredNetwork>) => {
      const given = [...networks];
      return views.flatMap((view) => view.faults(given));
    },
    leases: (network: StoredNetwork) => {
      // A folder that the conflist names is everyone's.
      const leases = new Map(
        views
          .flatMap((view) => view.leases(network))
          .map((lease) => [formatAddress(lease.address) + lease.containerId, lease]),
      );
      return [...leases.values()];
    },
    holderOf: (containerId: string, network: StoredNetwork) => {
      const holders = views.map((view) => view.holderOf(containerId, network));
      return {
        containerName: holders.find(({ containerName }) => containerName !== undefined)?.containerName,
        lives: holders.some(({ lives }) => lives),
      };
    },
    usersOf: (network: StoredNetwork) => [...new Set(views.flatMap((view) => view.usersOf(network)))].toSorted(),
  };
}
