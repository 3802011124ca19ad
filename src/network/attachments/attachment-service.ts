import type { Attachment } from '../../model/attachment.js';
import type { NetworkError } from '../../model/errors/errors.js';
import type { ExpectedTags } from '../../model/revision.js';
import type { AttachmentReader } from '../dependencies/attachments.js';
import type { ConnectOptions } from './check-connect.js';

export interface CollectedAttachment {
  readonly attachment: Attachment;
  /** Why the attachment is still there; undefined once it is freed. */
  readonly error: NetworkError | undefined;
}

/** The operations on attachments, in the terms of no dialect. */
export interface AttachmentService extends AttachmentReader {
  /**
   * Puts a container on a network.
   *
   * @param container id, its unique beginning, or name; or path or name of a network namespace
   * @throws NetworkError notFound, ambiguous, invalid, exists, inUse, plugin, storage, busy
   */
  connect(network: string, container: string, options: ConnectOptions, expected?: ExpectedTags): Promise<Attachment>;
  /**
   * @param force forgets the attachment even if plugins fail
   * @throws NetworkError notFound, ambiguous, invalid, plugin, storage, busy
   */
  disconnect(network: string, container: string, force: boolean): Promise<void>;
  /**
   * Frees the dead and the unfinished attachments of one network, also when its file is gone, and those that only leases record.
   *
   * @returns each of them
   * @throws NetworkError notFound, ambiguous, storage
   */
  collect(network: string): Promise<readonly CollectedAttachment[]>;
}
