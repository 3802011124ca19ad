import type { Attachment } from '../model/attachment.js';
import { NetworkError } from '../model/errors/errors.js';
import { KeyedQueue } from '../model/keyed-queue.js';
import type {
  AttachmentRuntime,
  KnownAttachments,
  NewAttachment,
  Repair,
  RepairOptions,
  UnfinishedWork,
  WrittenWork,
} from '../network/dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../network/dependencies/stored-network.js';
import type { Forwards } from './forwards.js';
import type { RootlessNamespace } from './namespace.js';

/** The runtime that runs the plugins in a namespace that is there. */
export interface InnerRuntime extends AttachmentRuntime {
  /** The attachments that this runtime made. @throws NetworkError storage */
  own(): Promise<KnownAttachments>;
  /** Makes an attachment again, with the addresses that it had. @throws NetworkError plugin, storage, busy */
  renew(attachment: Attachment): Promise<void>;
}

export interface RootlessParts {
  readonly inner: InnerRuntime;
  readonly namespace: RootlessNamespace;
  readonly forwards: Forwards;
  isAlive(attachment: Attachment): boolean;
  /** Receives the error of each part that podnetd could not bring back. */
  readonly onLoss: (error: NetworkError, attachment?: Attachment) => void;
}

/** Attaches containers in a namespace of the user, which exists from the first attachment to the last. */
export class RootlessRuntime implements AttachmentRuntime {
  #users = 0;
  #hasRestored = false;
  readonly #preparing = new KeyedQueue();

  constructor(private readonly parts: RootlessParts) {}

  async known(): Promise<KnownAttachments> {
    return await this.parts.inner.known();
  }

  unfinished(): readonly WrittenWork[] {
    return this.parts.inner.unfinished();
  }

  problems(): readonly FileProblem[] {
    return this.parts.inner.problems();
  }

  async add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment> {
    const { inner, namespace, forwards } = this.parts;
    return await this.#use(async () => {
      await this.#prepare(attachment.namespace.path);
      await namespace.checkReach(attachment.namespace);
      // slirp4netns forwards to one address inside, whatever address of the host a packet was sent to.
      const portMappings = attachment.portMappings.map((mapping) => ({ ...mapping, hostIp: undefined }));
      if (portMappings.length > 0) await this.#restoreForwards();
      const key = { ...attachment, networkName: attachment.network.network.name };
      let isPromised = false;
      try {
        const added = await inner.add({ ...attachment, portMappings }, async () => {
          await confirm();
          forwards.promise(key, attachment.portMappings);
          isPromised = true;
        });
        await this.#openForwards(added);
        return added;
      } catch (error) {
        // oxlint-disable-next-line typescript/no-unnecessary-condition -- set by the callback
        if (isPromised) forwards.forget(key);
        throw error;
      }
    });
  }

  async #openForwards(added: Attachment): Promise<void> {
    try {
      await this.parts.forwards.open(added);
    } catch (error) {
      await this.parts.inner.remove(added, true);
      throw error;
    }
  }

  async remove(attachment: Attachment, force: boolean): Promise<void> {
    await this.#use(async () => {
      await this.#prepareToRemove(force);
      await this.parts.inner.remove(attachment, force);
      await this.#restoreForwards();
    });
  }

  async release(unrecorded: Attachment, network: StoredNetwork): Promise<void> {
    await this.#use(async () => {
      await this.#prepare();
      await this.parts.inner.release(unrecorded, network);
    });
  }

  async repair(concerns: (work: UnfinishedWork) => boolean, options: RepairOptions): Promise<readonly Repair[]> {
    const { inner, namespace } = this.parts;
    if (!inner.unfinished().some(concerns)) {
      const repairs = await inner.repair(concerns, options);
      if (!options.patient) return repairs;
      if (this.#hasLiving(await inner.own())) await this.#restoreForwardsOnce();
      else if (namespace.hasTraces()) await this.#releaseUnused();
      return repairs;
    }
    return await this.#use(async () => {
      await this.#prepareToRemove(options.forget !== undefined);
      const repairs = await inner.repair(concerns, options);
      await this.#restoreForwards();
      return repairs;
    });
  }

  async #use<T>(act: () => Promise<T>): Promise<T> {
    this.#users += 1;
    try {
      return await act();
    } finally {
      this.#users -= 1;
      await this.#releaseUnused();
    }
  }

  /** Releases the namespace when no attachment lives or is under way. */
  async #releaseUnused(): Promise<void> {
    const { inner, namespace, onLoss } = this.parts;
    const own = await inner.own();
    // From here to the release nothing waits, so that no attachment is made between.
    if (this.#users > 0 || inner.unfinished().length > 0 || this.#hasLiving(own)) return;
    await namespace.release().catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      onLoss(error);
    });
  }

  /** Runs one after the other, so that the second caller finds what the first one brought back. */
  async #prepare(target?: string): Promise<void> {
    await this.#preparing.run('all', async () => await this.#bringBack(target));
  }

  /** Prepares for a DEL. `force` forgives a missing namespace as it forgives plugins that fail, because without one no plugin runs. */
  async #prepareToRemove(force: boolean): Promise<void> {
    try {
      await this.#prepare();
    } catch (error) {
      if (!force || !(error instanceof NetworkError)) throw error;
      this.parts.onLoss(error);
    }
  }

  async #bringBack(target: string | undefined): Promise<void> {
    const { inner, namespace, onLoss } = this.parts;
    const living = (await inner.own()).all().filter((attachment) => this.parts.isAlive(attachment));
    // Living attachments are attached again, so the namespace is made in their user namespace.
    const first = living[0]?.netns ?? target;
    const found = await namespace.ensure({ target: first, isVacant: living.length === 0 && this.#users <= 1 });
    if (found === 'whole') return;
    if (found === 'gone') {
      for (const attachment of living) {
        try {
          await inner.renew(attachment);
        } catch (error) {
          if (!(error instanceof NetworkError)) throw error;
          onLoss(error, attachment);
        }
      }
      await namespace.settle();
    }
    await this.#restoreForwards();
  }

  /** Opens ports that a killed podnetd may have recorded and not opened. */
  async #restoreForwardsOnce(): Promise<void> {
    if (this.#hasRestored) return;
    try {
      await this.#restoreForwards();
      this.#hasRestored = true;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.parts.onLoss(error);
    }
  }

  async #restoreForwards(): Promise<void> {
    const { forwards, inner, onLoss } = this.parts;
    const isAlive = (attachment: Attachment) => this.parts.isAlive(attachment);
    const look = async () => ({ known: (await inner.own()).all(), pending: inner.unfinished() });
    for (const failure of await forwards.restore(look, isAlive)) onLoss(failure);
  }

  #hasLiving(own: KnownAttachments): boolean {
    return own.all().some((attachment) => this.parts.isAlive(attachment));
  }
}
