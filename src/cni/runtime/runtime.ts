import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import type { HeldFile } from '../../host/file-locks/held-file.js';
import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import type { ContainerNamespaces, HeldNamespace } from '../../network/dependencies/namespaces.js';
import type {
  AttachmentRuntime,
  NewAttachment,
  Repair,
  RepairOptions,
  UnfinishedWork,
  WrittenWork,
} from '../../network/dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { askForTheSame, buildCapabilityArgs, buildCniArgs } from './call-args.js';
import type { ChainCall, PluginChain } from './chain.js';
import { isWhole, withChained } from '../conflist/chained-plugins.js';
import { callOf } from './entry-call.js';
import { IntentFolder } from './intent-folder.js';
import { decodeIntent, encodeProgress } from './intent.js';
import { MissingInterface } from './missing-interface.js';
import { CacheEntryError, toAttachment, type CacheEntry } from '../attachments/cache-entry.js';
import { ResultFolders } from '../attachments/result-folders.js';
import type { PlaceholderNetnses } from './placeholder-netns.js';
import { concludeFailure, noteStuck } from './stuck.js';
import { describeUnrecorded } from '../attachments/unrecorded.js';

/** A conflist has at most 16 MiB. */
const limitBytes = 32 * 1024 * 1024;

/** Finds the namespaces of attachments again. */
export interface LivingNamespaces {
  /** See {@link Namespaces.holdOf}. @throws NetworkError storage */
  holdOf(attachment: Attachment): HeldNamespace | undefined;
}

export interface RuntimeSettings {
  /** libcni's; `results` in it is shared with every runtime of the host. */
  readonly cacheDir: string;
  /** Those of other runtimes: what they attached is known and can be taken off. */
  readonly otherCacheDirs?: readonly string[];
  /** How long the plugins of a dead process are waited for. */
  readonly orphanTimeoutMs: number;
  readonly namespaces: Pick<ContainerNamespaces, 'links'>;
  readonly living: LivingNamespaces;
  readonly placeholders: Pick<PlaceholderNetnses, 'make'>;
  /** Given each file among the intents that is none, once. */
  readonly onProblem?: (problem: FileProblem) => void;
  /** Plugins that the plugin folder of a network chains to its list now; none unless given. @throws NetworkError storage */
  chainedTo?(networkName: string): readonly JsonObject[];
}

/**
 * Runs chains so that a process that dies in the middle leaks nothing. Before the first plugin runs, an intent is written that says all that
 * a DEL needs; it goes when the cache file is in place (ADD) or gone (DEL). It is locked while this process or a plugin of it lives, so one
 * that is found unlocked is work that nobody is at any more.
 */
export class CniRuntime implements AttachmentRuntime {
  readonly #results: ResultFolders;
  readonly #intents: IntentFolder;
  readonly #missingInterface: MissingInterface;

  constructor(
    private readonly files: Files,
    private readonly chain: PluginChain,
    private readonly settings: RuntimeSettings,
  ) {
    this.#results = new ResultFolders(files, settings.cacheDir, settings.otherCacheDirs ?? []);
    this.#intents = new IntentFolder(path.join(settings.cacheDir, 'podnetd'), files, settings.onProblem);
    this.#missingInterface = new MissingInterface(settings.namespaces, settings.placeholders);
  }

  known(containerId?: string): readonly Attachment[] {
    return this.#results.list(containerId).map(toAttachment);
  }

  /** Those that this runtime made. */
  own(): readonly Attachment[] {
    return this.#results.listOwn().map(toAttachment);
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
      // Of what is inside, a DEL that breaks off may leave nothing to know it by.
      const marked = namespace === undefined ? entry : { ...entry, mark: namespace.mark };
      const held = await this.#intents.hold({ operation: 'delete', entry: marked });
      const [failure] = await this.#delete(entry, namespace, held);
      if (failure !== undefined && !force) {
        held.remove();
        throw failure;
      }
      await this.#results.remove(entry);
      held.remove();
    });
  }

  async release(unrecorded: Attachment, network: StoredNetwork): Promise<void> {
    const entry = describeUnrecorded(unrecorded, network, this.#configOf(network));
    const held = await this.#intents.hold({ operation: 'delete', entry });
    const [failure] = await this.#delete(entry, undefined, held);
    held.remove();
    if (failure !== undefined) throw failure;
  }

  /**
   * Makes an attachment of its own anew, with the addresses that it had, where what it was plugged into is gone.
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
        // Of what there was, plugins may find less than they made.
        await this.#delete(entry, namespace, held);
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
      this.#results.clearUnborn();
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

  /** The file as it is: others read it from the cache, and DEL is run with it. Plugins of a folder are not in the file. */
  #configOf({ path: file, conflist }: StoredNetwork): string {
    if (isWhole(conflist)) return JSON.stringify(conflist);
    const text = file === undefined ? undefined : this.files.readText(file, limitBytes);
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

  /** @returns why it is still unfinished */
  async #finish(held: HeldFile, force: boolean): Promise<NetworkError | undefined> {
    try {
      const { operation, entry } = decodeIntent(held.text, path.basename(held.target));
      const isCached = this.#results.find(entry) !== undefined;
      // ADD came to its end if the cache knows it, DEL if it does not.
      if (isCached !== (operation === 'add')) {
        const failures = await this.#within(entry, async (namespace) => {
          return await this.#delete(entry, namespace, held);
        });
        if (failures.length > 0 && !force) throw noteStuck(entry, held, undefined, failures);
        await this.#results.remove(entry);
      }
      held.remove();
      return undefined;
    } catch (error) {
      held.release();
      if (error instanceof NetworkError) return error;
      // It was written since it was listed.
      if (error instanceof CacheEntryError)
        return new NetworkError('storageFailed', { path: held.target, operation: 'read', reason: error.message });
      throw error;
    }
  }

  async #delete(entry: CacheEntry, namespace: HeldNamespace | undefined, held: HeldFile): Promise<readonly unknown[]> {
    const { result } = entry;
    const { call, failures } = this.#chain(callOf(entry, namespace, held), entry.networkName);
    const placeholders = await this.#missingInterface.replace(entry, call.conflist, namespace);
    try {
      const failed = await this.chain.delete(
        { ...call, placeholders: placeholders.map((placeholder) => placeholder.namespace) },
        Object.keys(result).length > 0 ? result : undefined,
      );
      return [...failures, ...failed];
    } finally {
      for (const placeholder of placeholders) await placeholder.end();
    }
  }

  /** Runtimes that know of plugin folders keep the list alone in the cache, and run on DEL what the folder says then. */
  #chain(call: ChainCall, networkName: string): { readonly call: ChainCall; readonly failures: readonly unknown[] } {
    if (isWhole(call.conflist)) return { call, failures: [] };
    try {
      const chained = this.settings.chainedTo?.(networkName) ?? [];
      return { call: { ...call, conflist: withChained(call.conflist, chained) }, failures: [] };
    } catch (error) {
      if (error instanceof NetworkError) return { call, failures: [error] };
      throw error;
    }
  }
}
