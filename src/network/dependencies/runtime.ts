import type { Address } from '../../model/address.js';
import type { Attachment, PortMapping } from '../../model/attachment.js';
import type { NetworkError } from '../../model/errors/errors.js';
import type { Sight } from './draft.js';
import type { HeldNamespace } from './namespaces.js';
import type { FileProblem, StoredNetwork } from './stored-network.js';

/** The arguments of one ADD. */
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

/** An ADD or DEL that is under way, or whose process died. */
export type UnfinishedWork = Attachment;

/** Unfinished work, as its intent records it. */
export interface WrittenWork extends UnfinishedWork {
  /** Absolute path of the intent. */
  readonly path: string;
  /** Why podnetd could neither end nor undo it; undefined before that failed. */
  readonly failure: string | undefined;
}

/** The outcome of one repair. */
export interface Repair extends UnfinishedWork {
  /** Why the work is still unfinished; undefined once it is done. */
  readonly error: NetworkError | undefined;
}

export interface RepairOptions {
  /** Whether to wait for plugins that outlived their process. */
  readonly patient: boolean;
  /** Selects work that is dropped even if plugins fail; by default none. */
  readonly forget?: (work: UnfinishedWork) => boolean;
}

/**
 * The attachments of result caches, also those whose namespace is gone. A live view: what this process does shows at once, and changes of other
 * programs as of the last look.
 */
export interface KnownAttachments {
  /** @throws NetworkError storage for a file that is kept back */
  all(): readonly Attachment[];
  /** @throws NetworkError storage for a file that is kept back and may be of the container */
  ofContainer(containerId: string): readonly Attachment[];
}

/** Connects and disconnects containers, by the plugins of this host. */
export interface AttachmentRuntime {
  /** Looks at the result caches. @throws NetworkError storage */
  known(): Promise<KnownAttachments>;
  /** Work that has an intent. @throws NetworkError storage */
  unfinished(): readonly WrittenWork[];
  /** Distrusted files among the intents. @throws NetworkError storage */
  problems(): readonly FileProblem[];
  /**
   * Ends or undoes the work of dead processes, once their plugins have ended.
   *
   * @param concerns selects the work; the rest is left alone
   */
  repair(concerns: (work: UnfinishedWork) => boolean, options: RepairOptions): Promise<readonly Repair[]>;
  /**
   * @param confirm runs once every process can see the intent, and before the first plugin; throws to call the ADD off
   * @throws NetworkError plugin, storage, busy, and the error of `confirm`, after which nothing is left
   */
  add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment>;
  /**
   * Runs DEL with the configuration of the ADD.
   *
   * @param force forgets the attachment even if plugins fail
   * @throws NetworkError plugin, storage, busy
   */
  remove(attachment: Attachment, force: boolean): Promise<void>;
  /**
   * Runs DEL of an attachment that only leases record, with the current configuration of its network.
   *
   * @throws NetworkError plugin, storage, busy
   */
  release(unrecorded: Attachment, network: StoredNetwork): Promise<void>;
}

/** The attachments of every network, with which a connect may collide, and which of the networks the client knows of. */
export interface AttachedHost extends Pick<AttachmentRuntime, 'known' | 'unfinished'>, Pick<Sight, 'seesNetwork'> {}
