import type { Address } from '../../model/address.js';
import type { Attachment, PortMapping } from '../../model/attachment.js';
import type { NetworkError } from '../../model/errors/errors.js';
import type { HeldNamespace } from './namespaces.js';
import type { FileProblem, StoredNetwork } from './stored-network.js';

/** One ADD, decided. */
export interface NewAttachment {
  readonly network: StoredNetwork;
  readonly containerId: string;
  readonly containerName: string;
  readonly namespace: HeldNamespace;
  readonly ifName: string;
  readonly staticAddresses: readonly Address[];
  /** Lower case with colons; undefined leaves it to the plugins. */
  readonly macAddress: string | undefined;
  readonly aliases: readonly string[];
  readonly portMappings: readonly PortMapping[];
}

/** An ADD or DEL that is under way, or that ended with the process that was at it. */
export type UnfinishedWork = Attachment;

/** As it is written down. */
export interface WrittenWork extends UnfinishedWork {
  /** Absolute path. */
  readonly path: string;
  /** Why it could be neither ended nor undone; undefined while somebody is at it. */
  readonly failure: string | undefined;
}

export interface Repair extends UnfinishedWork {
  /** Why it is still unfinished. */
  readonly error: NetworkError | undefined;
}

export interface RepairOptions {
  /** Whether plugins that outlived their caller are waited for. */
  readonly patient: boolean;
  /** What is forgotten even if plugins fail; by default nothing. */
  readonly forget?: (work: UnfinishedWork) => boolean;
}

/** Puts containers on networks and takes them off, by the plugins of this host. */
export interface AttachmentRuntime {
  /** Every attachment of the result cache, also those whose namespace is gone; or a container's. @throws NetworkError storage */
  known(containerId?: string): readonly Attachment[];
  /** @throws NetworkError storage */
  unfinished(): readonly WrittenWork[];
  /** Files among those that say what is unfinished, and that are not believed. @throws NetworkError storage */
  problems(): readonly FileProblem[];
  /**
   * Undoes or ends what a dead process left unfinished, once no plugin is at it any more.
   *
   * @param concerns which; others are left alone
   */
  repair(concerns: (work: UnfinishedWork) => boolean, options: RepairOptions): Promise<readonly Repair[]>;
  /**
   * @param confirm runs when everybody can see what is about to happen, and before it does; throws to call it off
   * @throws NetworkError plugin, storage, busy, and whatever `confirm` throws; then nothing is left
   */
  add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment>;
  /**
   * With the configuration that it was made with.
   *
   * @param force forgets it even if plugins fail
   * @throws NetworkError plugin, storage, busy
   */
  remove(attachment: Attachment, force: boolean): Promise<void>;
  /**
   * Frees what leases alone tell of, with the configuration that its network has now.
   *
   * @throws NetworkError plugin, storage, busy
   */
  release(unrecorded: Attachment, network: StoredNetwork): Promise<void>;
}
