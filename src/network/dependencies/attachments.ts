import type { Address } from '../../model/address.js';
import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import type { FileProblem, StoredNetwork } from './stored-network.js';

/** Reads the attachments that the runtimes of this host recorded. */
export interface AttachmentReader {
  /** The current attachments. @throws NetworkError storage */
  look(): Promise<AttachmentView>;
}

/** The attachments of all networks at one moment. */
export interface AttachmentView {
  /** A network's attachments whose namespace exists, and those under way. */
  of(networkName: string): readonly Attachment[];
  /** Attachments of every network whose namespace exists, also of networks whose files are gone. */
  all(): readonly Attachment[];
  /** A network's attachments whose namespace is gone, because their DEL never came. */
  dead(networkName: string): readonly Attachment[];
  /** How many attachments of every network have a namespace that exists, and how many one that is gone; counted with turns for other work. */
  count(): Promise<AttachmentCounts>;
  /** A network's attachments that only leases record, and whose containers are dead. */
  unrecorded(network: StoredNetwork): readonly Attachment[];
  /** Distrusted files of the result cache, and of the leases of the networks given. */
  faults(networks: Iterable<StoredNetwork>): readonly FaultyRecord[];
  /** Names, else ids, of the containers on a network: those of its attachments, and living holders of its leases. */
  usersOf(network: StoredNetwork): readonly string[];
  /** Addresses that host-local leased on a network, in no order. */
  leases(network: StoredNetwork): readonly LeasedAddress[];
  /** @param containerId of a lease of the network */
  holderOf(containerId: string, network: StoredNetwork): LeaseHolder;
}

export interface AttachmentCounts {
  readonly live: number;
  readonly dead: number;
}

/** An address that host-local gave to a container. */
export interface LeasedAddress {
  readonly address: Address;
  readonly containerId: string;
  /** Inside the container; undefined for a lease of host-local before 0.8. */
  readonly ifName: string | undefined;
  /** When host-local made the lease: nanoseconds since the epoch. */
  readonly sinceNs: bigint;
}

export interface LeaseHolder {
  /** Undefined where no record has it. */
  readonly containerName: string | undefined;
  /** False when the container is gone, and its DEL never came. */
  readonly lives: boolean;
}

/** A distrusted file that claims to describe an attachment. */
export interface FaultyRecord extends FileProblem {
  /** The attachment that the file claims to describe; undefined when it names none. */
  readonly claim: AttachmentKey | undefined;
}
