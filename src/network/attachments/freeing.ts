import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { KeyedQueue } from '../../model/keyed-queue.js';
import type { CollectedAttachment } from './attachment-service.js';
import type { EventRecord } from '../dependencies/events.js';
import type { ContainerNamespaces } from '../dependencies/namespaces.js';
import type { AttachmentRuntime } from '../dependencies/runtime.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

export interface FreeingParts {
  readonly runtime: Pick<AttachmentRuntime, 'remove' | 'release'>;
  readonly namespaces: Pick<ContainerNamespaces, 'judge'>;
  /** By container id; connects and disconnects wait in it too. */
  readonly queue: KeyedQueue;
  readonly events: Pick<EventRecord, 'emit'>;
}

/** Frees attachments whose namespace is gone, because their DEL never came. */
export class Freeing {
  constructor(private readonly parts: FreeingParts) {}

  /**
   * @param attachments of one network; the living ones are left alone
   * @param network undefined when only attachments are left of it
   * @returns the dead ones
   */
  async free(
    attachments: readonly Attachment[],
    network: StoredNetwork | undefined,
  ): Promise<readonly CollectedAttachment[]> {
    const collected: CollectedAttachment[] = [];
    for (const attachment of attachments) {
      if (!this.isGone(attachment)) continue;
      const { containerId: id, containerName: name = id } = attachment;
      const error = await this.parts.queue.run(id, async () => await this.#freeOne(attachment));
      collected.push({ attachment, error });
      if (error !== undefined || network === undefined) continue;
      this.parts.events.emit({ action: 'disconnect', network: network.network, container: { id, name } });
    }
    return collected;
  }

  /** Frees attachments that only leases record. @returns each of them */
  async release(unrecorded: readonly Attachment[], network: StoredNetwork): Promise<readonly CollectedAttachment[]> {
    const collected: CollectedAttachment[] = [];
    for (const attachment of unrecorded) {
      const error = await this.parts.queue.run(attachment.containerId, async () => {
        return await this.#try(async () => await this.parts.runtime.release(attachment, network));
      });
      collected.push({ attachment, error });
    }
    return collected;
  }

  /** Whether the namespace of an attachment is gone; false when the cache does not record the namespace. */
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
