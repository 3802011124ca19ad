import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import type { HeldFile } from '../../host/file-locks/held-file.js';
import { bounds } from '../../model/bounds.js';
import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { HeldNamespace } from '../../network/dependencies/namespaces.js';
import type {
  AttachmentRuntime,
  KnownAttachments,
  NewAttachment,
  Repair,
  RepairOptions,
  UnfinishedWork,
  WrittenWork,
} from '../../network/dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { askForTheSame, buildCapabilityArgs, buildCniArgs } from './call-args.js';
import type { PluginChain } from './chain.js';
import { isWhole } from '../conflist/chained-plugins.js';
import { DelRunner, type DelSettings } from './del-runner.js';
import { callOf } from './entry-call.js';
import { IntentFolder } from './intent-folder.js';
import { decodeIntent, encodeProgress } from './intent.js';
import { CacheEntryError, toAttachment, type CacheEntry } from '../attachments/cache-entry.js';
import type { ResultCaches } from '../attachments/result-caches.js';
import { concludeFailure, noteStuck } from './stuck.js';
import { describeUnrecorded } from '../attachments/unrecorded.js';

/** Opens the namespaces of attachments again. */
export interface LivingNamespaces {
  /** See {@link Namespaces.holdOf}. @throws NetworkError storage */
  holdOf(attachment: Attachment): HeldNamespace | undefined;
}

export interface RuntimeSettings extends DelSettings {
  /** libcni's cache folder, which has the intents too. */
  readonly cacheDir: string;
  readonly results: ResultCaches;
  /** The longest wait for plugins of a dead process. */
  readonly orphanTimeoutMs: number;
  readonly living: LivingNamespaces;
  /** Receives each file among the intents that is none, once. */
  readonly onProblem?: (problem: FileProblem) => void;
}

/**
 * Runs chains so that a process that dies in the middle leaks nothing. Before the first plugin runs, podnetd writes an intent with all that a DEL
 * needs, and removes the intent when the cache file is in place (ADD) or gone (DEL). An intent is locked while its process or a plugin of it
 * lives, so an unlocked one is work that its process left.
 */
export class CniRuntime implements AttachmentRuntime {
  readonly #results: ResultCaches;
  readonly #intents: IntentFolder;
  readonly #del: DelRunner;

  constructor(
    private readonly files: Files,
    private readonly chain: PluginChain,
    private readonly settings: RuntimeSettings,
  ) {
    this.#results = settings.results;
    this.#intents = new IntentFolder(path.join(settings.cacheDir, 'podnetd'), files, settings.onProblem);
    this.#del = new DelRunner(chain, settings);
  }

  async known(): Promise<KnownAttachments> {
    return await this.#results.known();
  }

  /** The attachments that this runtime made. @throws NetworkError storage */
  async own(): Promise<KnownAttachments> {
    return await this.#results.knownOwn();
  }

  unfinished(): readonly WrittenWork[] {
    return [...this.#intents.list()].map(([fileName, { entry, failure }]) => ({
      ...toAttachment(entry),
      path: path.join(this.#intents.folder, fileName),
      failure,
    }));
  }

  problems(): readonly FileProblem[] {
    return this.#intents.problems();
  }

  async add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment> {
    const entry = this.#plan(attachment);
    const { namespace } = attachment;
    const held = await this.#intents.hold({ operation: 'add', entry });
    try {
      await confirm();
    } catch (error) {
      held.remove();
      throw error;
    }
    return await this.#add(entry, namespace, held);
  }

  async remove(attachment: Attachment, force: boolean): Promise<void> {
    const entry = this.#results.find(attachment);
    if (entry === undefined) return;
    await this.#within(entry, async (namespace) => {
      // A DEL that breaks off may leave nothing inside by which the namespace is known, so the mark is written first.
      const marked = namespace === undefined ? entry : { ...entry, mark: namespace.mark };
      const held = await this.#intents.hold({ operation: 'delete', entry: marked });
      try {
        const [failure] = await this.#del.run(entry, namespace, held);
        if (failure !== undefined && !force) {
          held.remove();
          throw failure;
        }
        await this.#results.remove(entry);
        held.remove();
      } finally {
        // Work that broke off is left to the next repair.
        held.release();
      }
    });
  }

  async release(unrecorded: Attachment, network: StoredNetwork): Promise<void> {
    const entry = describeUnrecorded(unrecorded, network, this.#configOf(network));
    const held = await this.#intents.hold({ operation: 'delete', entry });
    try {
      const [failure] = await this.#del.run(entry, undefined, held);
      held.remove();
      if (failure !== undefined) throw failure;
    } finally {
      held.release();
    }
  }

  /**
   * Makes one of its own attachments again, with the addresses that it had, because the network's side of it is gone.
   *
   * @throws NetworkError plugin, storage, busy
   */
  async renew(attachment: Attachment): Promise<void> {
    const entry = this.#results.findOwn(attachment);
    if (entry === undefined) return;
    await this.#within(entry, async (namespace) => {
      if (namespace === undefined) return;
      const held = await this.#intents.hold({ operation: 'add', entry });
      try {
        // The failures do not count, because plugins may find less than they made.
        await this.#del.run(entry, namespace, held);
        const call = callOf(askForTheSame(entry, attachment), namespace, held);
        const added = await this.chain.add(call, (result) => held.append(encodeProgress(result)));
        if ('failure' in added) throw added.failure;
        await this.#results.removeOwn(entry);
        await this.#results.add({ ...entry, result: added.result }, this.#intents.folder);
      } finally {
        held.remove();
      }
    });
  }

  async repair(
    concerns: (work: UnfinishedWork) => boolean,
    { patient, forget = () => false }: RepairOptions,
  ): Promise<readonly Repair[]> {
    if (patient) {
      this.#intents.clearUnborn();
      await this.#results.clearUnborn();
    }
    const repairs: Repair[] = [];
    for (const [fileName, intent] of this.#intents.list()) {
      const work = toAttachment(intent.entry);
      if (!concerns(work)) continue;
      const held = await this.#intents.seize(fileName, patient ? this.settings.orphanTimeoutMs : 0);
      if (held !== undefined) repairs.push({ ...work, error: await this.#finish(held, forget(work)) });
    }
    return repairs;
  }

  #plan(attachment: NewAttachment): CacheEntry {
    return {
      networkName: attachment.network.network.name,
      containerId: attachment.containerId,
      ifName: attachment.ifName,
      netns: attachment.namespace.path,
      mark: attachment.namespace.mark,
      config: this.#configOf(attachment.network),
      cniArgs: buildCniArgs(attachment),
      capabilityArgs: buildCapabilityArgs(attachment),
      result: {},
    };
  }

  /** Text of the network's file, which other runtimes read from the cache and use for DEL; plugins of a folder are not in the file. */
  #configOf({ path: file, conflist }: StoredNetwork): string {
    if (isWhole(conflist)) return JSON.stringify(conflist);
    const text = file === undefined ? undefined : this.files.readText(file, bounds.fileBytes);
    return text ?? JSON.stringify(conflist);
  }

  async #within<T>(entry: CacheEntry, act: (namespace: HeldNamespace | undefined) => Promise<T>): Promise<T> {
    const namespace = this.settings.living.holdOf(toAttachment(entry));
    try {
      return await act(namespace);
    } finally {
      namespace?.close();
    }
  }

  async #add(entry: CacheEntry, namespace: HeldNamespace, held: HeldFile): Promise<Attachment> {
    const call = callOf(entry, namespace, held);
    const added = await this.chain.add(call, (result) => held.append(encodeProgress(result)));
    if ('failure' in added) {
      throw concludeFailure(entry, held, added.failure, added.leftovers);
    }
    const complete = { ...entry, result: added.result };
    try {
      await this.#results.add(complete, this.#intents.folder);
    } catch (error) {
      throw concludeFailure(entry, held, error, await this.chain.delete(call, added.result));
    }
    held.remove();
    return toAttachment(complete);
  }

  /** Ends or undoes the work of an intent. @returns why the work is still unfinished */
  async #finish(held: HeldFile, force: boolean): Promise<NetworkError | undefined> {
    try {
      const { operation, entry } = decodeIntent(held.text, path.basename(held.target));
      const isCached = this.#results.find(entry) !== undefined;
      // An ADD has ended if the cache has its entry, a DEL if the cache has none.
      if (isCached !== (operation === 'add')) {
        const failures = await this.#within(entry, async (namespace) => {
          return await this.#del.run(entry, namespace, held);
        });
        if (failures.length > 0 && !force) throw noteStuck(entry, held, undefined, failures);
        await this.#results.remove(entry);
      }
      held.remove();
      return undefined;
    } catch (error) {
      held.release();
      if (error instanceof NetworkError) return error;
      // The intent changed after it was listed.
      if (error instanceof CacheEntryError)
        return new NetworkError('storageFailed', { path: held.target, operation: 'read', reason: error.message });
      throw error;
    }
  }
}
