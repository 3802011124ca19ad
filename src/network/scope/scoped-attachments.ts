import type { Attachment } from '../../model/attachment.js';
import type {
  AttachmentCounts,
  AttachmentReader,
  AttachmentView,
  FaultyRecord,
  LeasedAddress,
  LeaseHolder,
} from '../dependencies/attachments.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

/** The attachments of the networks that a reader sees; those of networks whose files are gone have no label. */
export class ScopedAttachments implements AttachmentReader {
  constructor(
    private readonly all: AttachmentReader,
    private readonly reader: Pick<NetworkReader, 'list'>,
  ) {}

  async look(): Promise<AttachmentView> {
    // Side by side, so that both see the same poll of the event loop.
    const [view, networks] = await Promise.all([this.all.look(), this.reader.list()]);
    return new ScopedView(view, new Set(networks.map(({ network }) => network.name)));
  }
}

export class ScopedView implements AttachmentView {
  constructor(
    private readonly view: AttachmentView,
    private readonly names: ReadonlySet<string>,
  ) {}

  of(networkName: string): readonly Attachment[] {
    return this.names.has(networkName) ? this.view.of(networkName) : [];
  }

  all(): readonly Attachment[] {
    return this.view.all().filter(({ networkName }) => this.names.has(networkName));
  }

  dead(networkName: string): readonly Attachment[] {
    return this.names.has(networkName) ? this.view.dead(networkName) : [];
  }

  count(): AttachmentCounts {
    const dead = [...this.names].reduce((sum, name) => sum + this.view.dead(name).length, 0);
    return { live: this.all().length, dead };
  }

  faults(networks: Iterable<StoredNetwork>): readonly FaultyRecord[] {
    const faults = this.view.faults([...networks].filter((network) => this.#sees(network)));
    return faults.filter(({ claim }) => claim !== undefined && this.names.has(claim.networkName));
  }

  unrecorded(network: StoredNetwork): readonly Attachment[] {
    return this.#sees(network) ? this.view.unrecorded(network) : [];
  }

  usersOf(network: StoredNetwork): readonly string[] {
    return this.#sees(network) ? this.view.usersOf(network) : [];
  }

  leases(network: StoredNetwork): readonly LeasedAddress[] {
    return this.#sees(network) ? this.view.leases(network) : [];
  }

  holderOf(containerId: string, network: StoredNetwork): LeaseHolder {
    return this.#sees(network) ? this.view.holderOf(containerId, network) : { containerName: undefined, lives: false };
  }

  #sees({ network }: StoredNetwork): boolean {
    return this.names.has(network.name);
  }
}
