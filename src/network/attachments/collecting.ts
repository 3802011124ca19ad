import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkEvent } from '../../model/event.js';
import type { KeyedQueue } from '../../model/keyed-queue.js';
import { locateNetwork } from './locate.js';
import type { ContainerNamespaces } from '../dependencies/namespaces.js';
import type { AttachmentRuntime, Repair } from '../dependencies/runtime.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

export interface CollectedAttachment {
  readonly attachment: Attachment;
  /** Why it is still there. */
  readonly error: NetworkError | undefined;
}

export interface CollectingParts {
  readonly reader: NetworkReader;
  readonly runtime: AttachmentRuntime;
  readonly namespaces: Pick<ContainerNamespaces, 'judge'>;
  tell(event: Omit<NetworkEvent, 'timeNs'>): void;
  /** Told of repairs, also of none. */
  report(repairs: readonly Repair[]): void;
}

/** Frees what containers left behind whose namespace is gone: their DEL never came. */
export class Collecting {
  constructor(
    private readonly parts: CollectingParts,
    private readonly queue: KeyedQueue,
  ) {}

  /** Of one network, also of one whose file is gone. @throws NetworkError notFound, ambiguous, storage */
  async collect(network: string): Promise<readonly CollectedAttachment[]> {
    const { runtime } = this.parts;
    const { name, stored } = await locateNetwork(network, this.parts);
    const repairs = await runtime.repair(({ networkName }) => networkName === name, { patient: false });
    this.parts.report(repairs);
    const known = runtime.known();
    const repaired = repairs
      // What came to its end all the same is connected.
      .filter((work) => work.error !== undefined || !known.some((attachment) => isSame(attachment, work)))
      .map(({ error, ...attachment }) => ({ attachment, error }));
    const left = known.filter(({ networkName }) => networkName === name);
    return [...repaired, ...(await this.free(left, stored))];
  }

  /**
   * @param attachments of one network; those that live are left alone
   * @param network undefined when only attachments are left of it
   * @returns those that were dead
   */
  async free(
    attachments: readonly Attachment[],
    network: StoredNetwork | undefined,
  ): Promise<readonly CollectedAttachment[]> {
    const collected: CollectedAttachment[] = [];
    for (const attachment of attachments) {
      if (!this.isGone(attachment)) continue;
      const { containerId: id, containerName: name = id } = attachment;
      const error = await this.queue.run(id, async () => await this.#freeOne(attachment));
      collected.push({ attachment, error });
      if (error !== undefined || network === undefined) continue;
      this.parts.tell({ action: 'disconnect', network: network.network, container: { id, name } });
    }
    return collected;
  }

  /** @param unrecorded what leases alone tell of @returns all of it */
  async release(unrecorded: readonly Attachment[], network: StoredNetwork): Promise<readonly CollectedAttachment[]> {
    const collected: CollectedAttachment[] = [];
    for (const attachment of unrecorded) {
      const error = await this.queue.run(attachment.containerId, async () => {
        return await this.#try(async () => await this.parts.runtime.release(attachment, network));
      });
      collected.push({ attachment, error });
    }
    return collected;
  }

  /** Where it lived is not always written down; then nothing says that it is gone. */
  isGone(attachment: Attachment): boolean {
    return this.parts.namespaces.judge(attachment) === 'gone';
  }

  async #freeOne(attachment: Attachment): Promise<NetworkError | undefined> {
    return await this.#try(async () => {
      if (this.isGone(attachment)) await this.parts.runtime.remove(attachment, false);
    });
  }

  async #try(act: () => Promise<void>): Promise<NetworkError | undefined> {
    try {
      await act();
      return undefined;
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    }
  }
}

function isSame(a: AttachmentKey, b: AttachmentKey): boolean {
  return a.networkName === b.networkName && a.containerId === b.containerId && a.ifName === b.ifName;
}
