import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import type { FileProblem, StoredNetwork } from './stored-network.js';

/** Who is on which network, by what the runtimes of this host wrote down. */
export interface AttachmentReader {
  /** The state of now. @throws NetworkError storage */
  look(): Promise<AttachmentView>;
}

export interface AttachmentView {
  /** Attachments in the result cache whose namespace is still there, and those that are under way. */
  of(networkName: string): readonly Attachment[];
  /** Those of every network, also of networks whose files are gone. */
  all(): readonly Attachment[];
  /** Attachments whose namespace is gone: their DEL never came. */
  dead(networkName: string): readonly Attachment[];
  /** Attachments that leases alone tell of, and whose containers are not alive. */
  unrecorded(network: StoredNetwork): readonly Attachment[];
  /** Files that say something of attachments and are not believed; leases are those of the networks given. */
  faults(networks: Iterable<StoredNetwork>): readonly FaultyRecord[];
  /** Containers that are on a network: those of its attachments, and living holders of its leases. By name where they have one. */
  usersOf(network: StoredNetwork): readonly string[];
}

/** A file that says something of an attachment and is not believed. */
export interface FaultyRecord extends FileProblem {
  /** Of which attachment it says that it is, where it says so. */
  readonly claim: AttachmentKey | undefined;
}
