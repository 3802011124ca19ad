import type { Attachment } from '../../model/attachment.js';
import { mapInShares } from '../../model/in-shares.js';
import type {
  AttachmentCounts,
  AttachmentReader,
  AttachmentView,
  FaultyRecord,
  LeasedAddress,
  LeaseHolder,
} from '../dependencies/attachments.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';
import { withoutPathOf } from './without-path.js';

/** The attachments of the networks that a reader sees; those of networks whose files are gone have no label. */
export class ScopedAttachments implements AttachmentReader {
  constructor(
    private readonly all: AttachmentReader,
    private readonly reader: Pick<NetworkReader, 'list'>,
  ) {}

  async look(): Promise<AttachmentView> {
    // Side by side, so that both see the same poll of the event loop.
    const [view, networks] = await Promise.all([withoutPathOf(this.all.look()), this.reader.list()]);
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

  async count(): Promise<AttachmentCounts> {
    const dead = await mapInShares([...this.names], (name) => this.view.dead(name).length);
    return { live: this.all().length, dead: dead.reduce((sum, one) => sum + one, 0) };
  }

  faults(networks: Iterable<StoredNetwork>): readonly FaultyRecord[] {
    const faults = this.view.faults([...networks].filter((network) => this.#sees(network)));
    return faults.filter((fault) => this.#owns(fault));
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

  /** A file that is named for another attachment than its own names one that may be of an unseen network. */
  #owns({ path, claim }: FaultyRecord): boolean {
    if (claim === undefined || !this.names.has(claim.networkName)) return false;
    return path.endsWith(`/${claim.networkName}-${claim.containerId}-${claim.ifName}`);
  }

  #sees({ network }: StoredNetwork): boolean {
    return this.names.has(network.name);
  }
}
