import path from 'node:path';
import { isYoung } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { temporaryName } from '../../host/files/temporary-file.js';
import type { Namespaces } from '../../host/namespaces/namespaces.js';
import type { ProcessTable } from '../../host/programs/process-table.js';
import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import type { AttachmentReader, AttachmentView, FaultyRecord } from '../../network/dependencies/attachments.js';
import type { FileProblem, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { AttachmentTable } from './attachment-table.js';
import { Leases, type Lease, type LeaseListing } from './leases.js';
import { CacheEntryError, decodeCacheEntry, toAttachment } from './cache-entry.js';
import { readUnrecorded } from './unrecorded.js';
import { TrackedFolder, type Verdict } from '../folder/tracked-folder.js';

/** What tells the living from the dead. */
export interface Living {
  readonly namespaces: Namespaces;
  readProcesses(): ProcessTable;
}

/** Who is on which network, from libcni's result cache and host-local's leases. */
export class AttachmentIndex implements AttachmentReader {
  readonly #found = new AttachmentTable();
  /** Files that are no attachments, by their names. */
  readonly #faults = new Map<string, FaultyRecord>();
  /** Names of files that are there and cannot be read now. */
  readonly #withheld = new Set<string>();
  readonly #tracked: TrackedFolder;
  readonly #leases: Leases;

  constructor(
    /** As libcni's CacheDir: it has the folder `results`, and host-local's `networks`. */
    cacheDir: string,
    files: Files,
    private readonly living: Living,
    private readonly onProblem: (problem: FileProblem) => void,
  ) {
    this.#tracked = new TrackedFolder(path.join(cacheDir, 'results'), files, {
      concerns: (fileName) => !temporaryName.test(fileName),
      take: (fileName, found) => this.#take(fileName, found),
      drop: (fileName) => this.#drop(fileName),
    });
    this.#leases = new Leases(path.join(cacheDir, 'networks'), files, onProblem);
  }

  /** @throws NetworkError storage */
  async look(): Promise<CurrentAttachments> {
    await this.#tracked.poll();
    return this.view();
  }

  /** The state of now, provided that the event loop has polled since. @throws NetworkError storage */
  view(): CurrentAttachments {
    this.#tracked.refresh();
    return new CurrentAttachments(
      { table: this.#found, withheld: this.#withheld, faults: this.#faults },
      this.#leases.look(),
      this.living,
    );
  }

  close(): void {
    this.#tracked.close();
  }

  #take(fileName: string, found: ReadOutcome): Verdict {
    if ('problem' in found) {
      if (found.isWithheld) this.#withheld.add(fileName);
      else this.#withheld.delete(fileName);
      return this.#reject(fileName, found.problem);
    }
    this.#withheld.delete(fileName);
    try {
      this.#found.put(fileName, toAttachment(decodeCacheEntry(found.text, fileName)));
      this.#faults.delete(fileName);
      return 'taken';
    } catch (error) {
      if (!(error instanceof CacheEntryError)) return this.#reject(fileName, String(error));
      // libcni writes in place.
      return isYoung(found.stamp) && error.claim === undefined
        ? 'unfinished'
        : this.#reject(fileName, error.message, error.claim);
    }
  }

  #reject(fileName: string, reason: string, claim?: AttachmentKey): Verdict {
    this.#found.remove(fileName);
    const problem = { path: path.join(this.#tracked.folder, fileName), reason, line: undefined };
    const isKnown = this.#faults.get(fileName)?.reason === reason;
    this.#faults.set(fileName, { ...problem, claim });
    if (!isKnown) this.onProblem(problem);
    return 'refused';
  }

  #drop(fileName: string): void {
    this.#found.remove(fileName);
    this.#faults.delete(fileName);
    this.#withheld.delete(fileName);
  }
}

/** The result cache as far as it was read. */
export interface ReadResults {
  readonly table: AttachmentTable;
  /** Names of files that are there and cannot be read now. */
  readonly withheld: ReadonlySet<string>;
  /** By the name of the file. */
  readonly faults: ReadonlyMap<string, FaultyRecord>;
}

/** The attachments as they are now; what is alive is asked anew each time, and the table goes on changing with the index. */
export class CurrentAttachments implements AttachmentView {
  #processes: ProcessTable | undefined;

  constructor(
    private readonly results: ReadResults,
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
        users.set(containerId, this.results.table.ofContainer(containerId).find(isNamed)?.containerName);
      }
    }
    return [...new Set([...users].map(([containerId, containerName]) => containerName ?? containerId))].toSorted();
  }

  /**
   * Of files that cannot be read only the name tells whose they are, and not for sure. A network that is kept although nobody uses it is the
   * better mistake.
   */
  #unreadHolders(networkName: string): readonly string[] {
    const prefix = `${networkName}-`;
    return [...this.results.withheld]
      .filter((fileName) => fileName.startsWith(prefix))
      .map((fileName) => fileName.slice(prefix.length).replace(/-[^-]*$/, ''));
  }

  #isLive(attachment: Attachment): boolean {
    return this.living.namespaces.judge(attachment) !== 'gone';
  }

  /** A lease is made before the ADD is in the cache and may outlive it, so the host is asked about holders that the cache does not know. */
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
