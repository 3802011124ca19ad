import type { Namespaces } from '../../host/namespaces/namespaces.js';
import type { ProcessTable } from '../../host/programs/process-table.js';
import type { Attachment } from '../../model/attachment.js';
import { filterInShares } from '../../model/in-shares.js';
import { parseAddress } from '../../ip/cidr.js';
import type {
  AttachmentCounts,
  AttachmentReader,
  AttachmentView,
  FaultyRecord,
  LeasedAddress,
  LeaseHolder,
} from '../../network/dependencies/attachments.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { Lease, LeaseListing, Leases } from './leases.js';
import type { ResultCache } from './result-cache.js';
import { readUnrecorded } from './unrecorded.js';

/** The facts that decide whether an attachment or the holder of a lease is alive. */
export interface Living {
  readonly namespaces: Namespaces;
  readProcesses(): ProcessTable;
}

/** The attachments of every network, by a result cache of libcni and the leases of host-local beside it. */
export class AttachmentIndex implements AttachmentReader {
  constructor(
    private readonly results: ResultCache,
    private readonly leases: Leases,
    private readonly living: Living,
  ) {}

  /** The current attachments. @throws NetworkError storage */
  async look(): Promise<CurrentAttachments> {
    await this.results.refresh();
    return this.#view();
  }

  /** The attachments as of the last poll of the event loop. @throws NetworkError storage */
  view(): CurrentAttachments {
    this.results.look();
    return this.#view();
  }

  #view(): CurrentAttachments {
    return new CurrentAttachments(this.results, this.leases.look(), this.living);
  }
}

/** A live view: each call checks anew which attachments are alive, and the table changes with the index. */
export class CurrentAttachments implements AttachmentView {
  #processes: ProcessTable | undefined;

  constructor(
    private readonly results: Pick<ResultCache, 'table' | 'withheld' | 'faults'>,
    private readonly listLeases: (network: StoredNetwork) => LeaseListing,
    private readonly living: Living,
  ) {}

  of(networkName: string): readonly Attachment[] {
    return this.results.table.ofNetwork(networkName).filter((attachment) => this.#isLive(attachment));
  }

  all(): readonly Attachment[] {
    return this.results.table.all().filter((attachment) => this.#isLive(attachment));
  }

  dead(networkName: string): readonly Attachment[] {
    return this.results.table.ofNetwork(networkName).filter((attachment) => !this.#isLive(attachment));
  }

  async count(): Promise<AttachmentCounts> {
    const known = this.results.table.all();
    // Each asks the kernel.
    const live = await filterInShares(known, (attachment) => this.#isLive(attachment));
    return { live: live.length, dead: known.length - live.length };
  }

  unrecorded(network: StoredNetwork): readonly Attachment[] {
    const { name } = network.network;
    const isRecorded = ({ containerId }: Lease) =>
      this.results.table.ofContainer(containerId).some(({ networkName }) => networkName === name);
    const leases = this.listLeases(network).leases.filter(
      (lease) => !isRecorded(lease) && !this.#holderLives(lease.containerId, name),
    );
    return readUnrecorded(network, leases);
  }

  faults(networks: Iterable<StoredNetwork>): readonly FaultyRecord[] {
    const leases = [...networks].flatMap((network) => this.listLeases(network).problems);
    return [...this.results.faults.values(), ...leases.map((problem) => ({ ...problem, claim: undefined }))];
  }

  usersOf(network: StoredNetwork): readonly string[] {
    const { name } = network.network;
    const users = new Map<string, string | undefined>();
    for (const { containerId, containerName } of this.of(name)) {
      users.set(containerId, users.get(containerId) ?? containerName);
    }
    for (const containerId of this.#unreadHolders(name)) {
      if (!users.has(containerId)) users.set(containerId, undefined);
    }
    for (const { containerId } of this.listLeases(network).leases) {
      if (!users.has(containerId) && this.#holderLives(containerId, name)) {
        users.set(containerId, this.#nameOf(containerId));
      }
    }
    return [...new Set([...users].map(([containerId, containerName]) => containerName ?? containerId))].toSorted();
  }

  leases(network: StoredNetwork): readonly LeasedAddress[] {
    return this.listLeases(network).leases.flatMap(({ address: text, ...lease }) => {
      const address = parseAddress(text);
      return address === undefined ? [] : [{ ...lease, address }];
    });
  }

  holderOf(containerId: string, { network }: StoredNetwork): LeaseHolder {
    return { containerName: this.#nameOf(containerId), lives: this.#holderLives(containerId, network.name) };
  }

  #nameOf(containerId: string): string | undefined {
    return this.results.table.ofContainer(containerId).find(isNamed)?.containerName;
  }

  /**
   * Container ids guessed from the names of unreadable files. A wrong guess keeps an unused network, which does less harm than the removal of
   * a used one.
   */
  #unreadHolders(networkName: string): readonly string[] {
    const prefix = `${networkName}-`;
    return [...this.results.withheld.keys()]
      .filter((fileName) => fileName.startsWith(prefix))
      .map((fileName) => fileName.slice(prefix.length).replace(/-[^-]*$/, ''));
  }

  #isLive(attachment: Attachment): boolean {
    return this.living.namespaces.judge(attachment) !== 'gone';
  }

  /** A lease precedes its cache entry and may outlive it, so namespaces and processes decide about a holder that the cache does not know. */
  #holderLives(containerId: string, networkName: string): boolean {
    const attachments = this.results.table.ofContainer(containerId);
    if (attachments.some((attachment) => this.#isLive(attachment))) return true;
    if (attachments.some((attachment) => attachment.networkName === networkName)) return false;
    if (this.living.namespaces.isNamedAfter(containerId)) return true;
    this.#processes ??= this.living.readProcesses();
    return this.#processes.mentions(containerId);
  }
}

function isNamed({ containerName }: Attachment): boolean {
  return containerName !== undefined;
}
