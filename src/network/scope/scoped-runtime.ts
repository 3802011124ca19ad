import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type {
  AttachedHost,
  AttachmentRuntime,
  KnownAttachments,
  NewAttachment,
  Repair,
  RepairOptions,
  UnfinishedWork,
  WrittenWork,
} from '../dependencies/runtime.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';
import { withoutPath, withoutPathOf } from './without-path.js';

/** Connects and disconnects on the networks that a reader sees. What it sees is as of its last look at attachments. */
export class ScopedRuntime implements AttachmentRuntime {
  #names: ReadonlySet<string> = new Set();

  /** The whole host, of which networks of the scope alone may be named. */
  readonly host: AttachedHost = {
    known: async () => await this.#lookAtAll(),
    unfinished: () => withoutPath(() => this.all.unfinished()),
    seesNetwork: (name) => name !== undefined && this.#names.has(name),
  };

  constructor(
    private readonly all: AttachmentRuntime,
    private readonly reader: Pick<NetworkReader, 'list'>,
  ) {}

  async known(): Promise<KnownAttachments> {
    const known = await this.#lookAtAll();
    return {
      all: () => known.all().filter((attachment) => this.#sees(attachment)),
      ofContainer: (containerId) => known.ofContainer(containerId).filter((attachment) => this.#sees(attachment)),
    };
  }

  unfinished(): readonly WrittenWork[] {
    return this.host.unfinished().filter((work) => this.#sees(work));
  }

  /** An intent that cannot be read is the host's. */
  problems(): readonly [] {
    return [];
  }

  async repair(concerns: (work: UnfinishedWork) => boolean, options: RepairOptions): Promise<readonly Repair[]> {
    await this.#lookAtNetworks();
    return await withoutPathOf(this.all.repair((work) => this.#sees(work) && concerns(work), options));
  }

  async add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment> {
    return await this.all.add(attachment, confirm);
  }

  /** @throws NetworkError notFound, for a network that has lost the label meanwhile */
  async remove(attachment: Attachment, force: boolean): Promise<void> {
    await this.#refuseUnseen(attachment);
    await this.all.remove(attachment, force);
  }

  /** @throws NetworkError notFound, for a network that has lost the label meanwhile */
  async release(unrecorded: Attachment, network: StoredNetwork): Promise<void> {
    await this.#refuseUnseen(unrecorded);
    await this.all.release(unrecorded, network);
  }

  /** By the name alone: a name may be the beginning of another network's id. */
  async #refuseUnseen(attachment: AttachmentKey): Promise<void> {
    await this.#lookAtNetworks();
    if (!this.#sees(attachment)) throw new NetworkError('networkNotFound', { nameOrId: attachment.networkName });
  }

  #sees({ networkName }: Pick<AttachmentKey, 'networkName'>): boolean {
    return this.#names.has(networkName);
  }

  async #lookAtAll(): Promise<KnownAttachments> {
    await this.#lookAtNetworks();
    const known = await withoutPathOf(this.all.known());
    return {
      all: () => withoutPath(() => known.all()),
      ofContainer: (containerId) => withoutPath(() => known.ofContainer(containerId)),
    };
  }

  async #lookAtNetworks(): Promise<void> {
    this.#names = new Set((await this.reader.list()).map(({ network }) => network.name));
  }
}
