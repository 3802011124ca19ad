import type { Attachment } from '../model/attachment.js';
import { NetworkError } from '../model/errors/errors.js';
import { KeyedQueue } from '../model/keyed-queue.js';
import type {
  AttachmentRuntime,
  NewAttachment,
  Repair,
  RepairOptions,
  UnfinishedWork,
  WrittenWork,
} from '../network/dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../network/dependencies/stored-network.js';
import type { Forwards } from './forwards.js';
import type { RootlessNamespace } from './namespace.js';

/** What runs the plugins, in the namespace that is there. */
export interface InnerRuntime extends AttachmentRuntime {
  /** Attachments that it made, without those of others. */
  own(): readonly Attachment[];
  /** @throws NetworkError plugin, storage, busy */
  renew(attachment: Attachment): Promise<void>;
}

export interface RootlessParts {
  readonly inner: InnerRuntime;
  readonly namespace: RootlessNamespace;
  readonly forwards: Forwards;
  isAlive(attachment: Attachment): boolean;
  /** Told what could not be brought back. */
  readonly onLoss: (error: NetworkError, attachment?: Attachment) => void;
}

/** Attaches in a namespace of the user's own, which is there from the first attachment to the last. */
export class RootlessRuntime implements AttachmentRuntime {
  #users = 0;
  #hasRestored = false;
  readonly #preparing = new KeyedQueue();

  constructor(private readonly parts: RootlessParts) {}

  known(containerId?: string): readonly Attachment[] {
    return this.parts.inner.known(containerId);
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
      // What slirp4netns hands in arrives at one address, whatever it was sent to.
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
      if (this.#living().length > 0) await this.#restoreForwardsOnce();
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

  /** Without anybody attached who lives, or on the way, the namespace has no reason to be. */
  async #releaseUnused(): Promise<void> {
    const { inner, namespace, onLoss } = this.parts;
    if (this.#users > 0 || inner.unfinished().length > 0 || this.#living().length > 0) return;
    await namespace.release().catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
      onLoss(error);
    });
  }

  /** One after the other: whoever comes second finds what was brought back. */
  async #prepare(target?: string): Promise<void> {
    await this.#preparing.run('all', async () => await this.#bringBack(target));
  }

  /** Without a namespace no plugin runs, which is what force forgives. */
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
    const living = this.#living();
    // Those who were connected are connected again: the namespace is made where they are.
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

  /** A podnetd that was killed may have promised what it did not open. */
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
    for (const failure of await forwards.restore(this.#living(), inner.unfinished())) onLoss(failure);
  }

  #living(): readonly Attachment[] {
    return this.parts.inner.own().filter((attachment) => this.parts.isAlive(attachment));
  }
}
