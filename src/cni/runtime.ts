import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Files } from '../host/files.js';
import { HeldFile } from '../host/held-file.js';
import { formatAddress } from '../ip/cidr.js';
import { NetworkError } from '../model/errors.js';
import type { Attachment } from '../model/attachment.js';
import type { AttachmentRuntime, NewAttachment, Repair, StoredNetwork, UnfinishedWork } from '../network/ports.js';
import { buildCapabilityArgs, buildCniArgs, declareAddresses } from './call-args.js';
import type { ChainCall, PluginChain } from './chain.js';
import { decodeIntent, encodeIntent, encodeProgress, type Intent } from './intent.js';
import { isObject, type JsonObject } from '../model/json-object.js';
import { cacheFileName, decodeCacheEntry, encodeCacheEntry, toAttachment, type CacheEntry } from './result-cache.js';

/** A conflist has at most 16 MiB; a cache file has it in base64, with a result. */
const limitBytes = 32 * 1024 * 1024;
/** Between two looks at work that a plugin of a dead process may still be at. */
const lookAgainMs = 20;

export interface RuntimeSettings {
  /** libcni's; `results` in it is shared with every runtime of the host. */
  readonly cacheDir: string;
  /** Those of other runtimes: what they attached is known and can be taken off. */
  readonly otherCacheDirs?: readonly string[];
  /** How long the plugins of a dead process are waited for. */
  readonly orphanTimeoutMs: number;
  isAlive(netns: string): boolean;
}

/**
 * Runs chains so that a process that dies in the middle leaks nothing. Before the first plugin runs, an intent is written that says all that
 * a DEL needs; it goes when the cache file is in place (ADD) or gone (DEL). It is locked while this process or a plugin of it lives, so one
 * that is found unlocked is work that nobody is at any more.
 */
export class CniRuntime implements AttachmentRuntime {
  readonly #results: string;
  /** With the results of others. */
  readonly #allResults: readonly string[];
  readonly #intents: string;

  constructor(
    private readonly files: Files,
    private readonly chain: PluginChain,
    private readonly settings: RuntimeSettings,
  ) {
    this.#results = path.join(settings.cacheDir, 'results');
    this.#allResults = [settings.cacheDir, ...(settings.otherCacheDirs ?? [])].map((dir) => path.join(dir, 'results'));
    this.#intents = path.join(settings.cacheDir, 'podnetd');
  }

  known(containerId?: string): readonly Attachment[] {
    return this.#allResults.flatMap((folder) => this.#list(folder, containerId));
  }

  /** Those that this runtime made. */
  own(): readonly Attachment[] {
    return this.#list(this.#results, undefined);
  }

  #list(folder: string, containerId: string | undefined): readonly Attachment[] {
    const fileNames = this.files.list(folder);
    const wanted =
      containerId === undefined ? fileNames : fileNames.filter((name) => name.includes(`-${containerId}-`));
    return wanted.flatMap((fileName) => {
      const entry = this.#readEntryOf(folder, fileName);
      if (entry === undefined || (containerId !== undefined && entry.containerId !== containerId)) return [];
      return [toAttachment(entry)];
    });
  }

  unfinished(): readonly UnfinishedWork[] {
    return this.#listIntents().flatMap((fileName) => {
      const intent = this.#readIntent(fileName);
      return intent === undefined ? [] : [toAttachment(intent.entry)];
    });
  }

  async add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment> {
    const entry = this.#plan(attachment);
    const held = await this.#hold({ operation: 'add', entry });
    try {
      await confirm();
    } catch (error) {
      held.remove();
      throw error;
    }
    return await this.#add(entry, held);
  }

  async remove(attachment: Attachment, force: boolean): Promise<void> {
    const entry = this.#readEntry(cacheFileName(attachment));
    if (entry === undefined) return;
    const held = await this.#hold({ operation: 'delete', entry });
    const failures = await this.#delete(entry, held);
    if (failures.length > 0 && !force) {
      held.remove();
      throw firstOf(failures);
    }
    await this.#forget(entry, held);
  }

  /**
   * Makes an attachment of its own anew, with the addresses that it had, where what it was plugged into is gone.
   *
   * @throws NetworkError plugin, storage, busy
   */
  async renew(attachment: Attachment): Promise<void> {
    const entry = this.#readEntryOf(this.#results, cacheFileName(attachment));
    if (entry === undefined) return;
    const held = await this.#hold({ operation: 'add', entry });
    try {
      // Of what there was, plugins may find less than they made.
      await this.#delete(entry, held);
      const call = toCall(askForTheSame(entry, attachment), entry.netns ?? '', held);
      const added = await this.chain.add(call, (result) => held.append(encodeProgress(result)));
      if ('failure' in added) throw added.failure;
      await this.files.remove(path.join(this.#results, cacheFileName(entry)));
      const failure = await this.#remember({ ...entry, result: added.result });
      if (failure !== undefined) throw failure;
    } finally {
      held.remove();
    }
  }

  async repair(concerns: (work: UnfinishedWork) => boolean, patient: boolean): Promise<readonly Repair[]> {
    if (patient) this.#clearUnborn();
    const repairs: Repair[] = [];
    for (const fileName of this.#listIntents()) {
      const intent = this.#readIntent(fileName);
      if (intent === undefined || !concerns(toAttachment(intent.entry))) continue;
      const held = await this.#seize(fileName, patient);
      if (held !== undefined) repairs.push({ ...toAttachment(intent.entry), error: await this.#finish(held) });
    }
    return repairs;
  }

  async #add(entry: CacheEntry, held: HeldFile): Promise<Attachment> {
    const call = toCall(entry, entry.netns ?? '', held);
    const added = await this.chain.add(call, (result) => held.append(encodeProgress(result)));
    if ('failure' in added) {
      // What could not be undone is tried again by whoever repairs.
      if (added.leftovers.length === 0) held.remove();
      else held.release();
      throw added.failure;
    }
    const complete = { ...entry, result: added.result };
    const failure = await this.#remember(complete);
    if (failure !== undefined) {
      if ((await this.chain.delete(call, added.result)).length === 0) held.remove();
      else held.release();
      throw failure;
    }
    held.remove();
    return toAttachment(complete);
  }

  #plan(attachment: NewAttachment): CacheEntry {
    return {
      networkName: attachment.network.network.name,
      containerId: attachment.containerId,
      ifName: attachment.ifName,
      netns: attachment.netns,
      config: this.#configOf(attachment.network),
      cniArgs: buildCniArgs(attachment),
      capabilityArgs: buildCapabilityArgs(attachment),
      result: {},
    };
  }

  /** The file as it is: others read it from the cache, and DEL is run with it. */
  #configOf({ path: file, conflist }: StoredNetwork): string {
    const found = file === undefined ? undefined : this.files.read(file, limitBytes);
    return found !== undefined && 'text' in found ? found.text : JSON.stringify(conflist);
  }

  async #hold(intent: Intent): Promise<HeldFile> {
    this.files.makeFolder(this.#intents, 0o700);
    const target = path.join(this.#intents, cacheFileName(intent.entry));
    const held = await HeldFile.make(target, encodeIntent(intent));
    if (held === undefined) {
      const { networkName: network, containerId: container } = intent.entry;
      throw new NetworkError('containerBusy', { container, network });
    }
    return held;
  }

  /** @returns undefined when it is gone, or still worked on */
  async #seize(fileName: string, patient: boolean): Promise<HeldFile | undefined> {
    const until = performance.now() + (patient ? this.settings.orphanTimeoutMs : 0);
    for (;;) {
      const held = HeldFile.seize(path.join(this.#intents, fileName));
      if (held === 'gone') return undefined;
      if (held !== undefined || performance.now() > until) return held;
      await sleep(lookAgainMs);
    }
  }

  /** @returns why it is still unfinished */
  async #finish(held: HeldFile): Promise<NetworkError | undefined> {
    try {
      const { operation, entry } = decodeIntent(held.text);
      const isCached = this.#readEntry(cacheFileName(entry)) !== undefined;
      // ADD came to its end if the cache knows it, DEL if it does not.
      if (isCached === (operation === 'add')) {
        held.remove();
        return undefined;
      }
      const failures = await this.#delete(entry, held);
      if (failures.length > 0) throw firstOf(failures);
      await this.#forget(entry, held);
      return undefined;
    } catch (error) {
      held.release();
      if (error instanceof NetworkError) return error;
      throw error;
    }
  }

  async #delete(entry: CacheEntry, held: HeldFile): Promise<readonly unknown[]> {
    const { netns = '', result } = entry;
    const call = toCall(entry, this.settings.isAlive(netns) ? netns : '', held);
    return await this.chain.delete(call, Object.keys(result).length > 0 ? result : undefined);
  }

  async #forget(entry: CacheEntry, held: HeldFile): Promise<void> {
    for (const folder of this.#allResults) await this.files.remove(path.join(folder, cacheFileName(entry)));
    held.remove();
  }

  async #remember(entry: CacheEntry): Promise<NetworkError | undefined> {
    try {
      this.files.makeFolder(this.#results, 0o700);
      const target = path.join(this.#results, cacheFileName(entry));
      // Half a file is not left where every runtime of the host looks.
      const file = await HeldFile.make(target, encodeCacheEntry(entry), this.#intents);
      file?.release();
      return file === undefined ? new NetworkError('fileExists', { path: target }) : undefined;
    } catch (error) {
      if (error instanceof NetworkError) return error;
      throw error;
    }
  }

  #listIntents(): readonly string[] {
    return this.files.list(this.#intents).filter((fileName) => !fileName.startsWith('.'));
  }

  /** Intents that were being written when their process died. */
  #clearUnborn(): void {
    for (const fileName of this.files.listLeftovers(this.#intents)) {
      const held = HeldFile.seize(path.join(this.#intents, fileName));
      if (held instanceof HeldFile) held.remove();
    }
  }

  #readIntent(fileName: string): Intent | undefined {
    const found = this.files.read(path.join(this.#intents, fileName), limitBytes);
    return found !== undefined && 'text' in found ? attempt(() => decodeIntent(found.text)) : undefined;
  }

  #readEntry(fileName: string): CacheEntry | undefined {
    for (const folder of this.#allResults) {
      const entry = this.#readEntryOf(folder, fileName);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** Files of other kinds are somebody else's. */
  #readEntryOf(folder: string, fileName: string): CacheEntry | undefined {
    const found = this.files.read(path.join(folder, fileName), limitBytes);
    return found !== undefined && 'text' in found ? attempt(() => decodeCacheEntry(found.text)) : undefined;
  }
}

/** With the addresses that it had. */
function askForTheSame(entry: CacheEntry, { addresses, macAddress }: Attachment): CacheEntry {
  const texts = addresses.map(({ address }) => formatAddress(address));
  const asked = new Set(['IP', 'MAC']);
  const [first, second] = texts;
  return {
    ...entry,
    cniArgs: [
      ...entry.cniArgs.filter(([key]) => !asked.has(key)),
      ...(macAddress === undefined ? [] : [['MAC', macAddress] as const]),
      ...(first === undefined || second !== undefined ? [] : [['IP', first] as const]),
    ],
    capabilityArgs: {
      ...entry.capabilityArgs,
      ...(macAddress !== undefined && { mac: macAddress }),
      ...(second !== undefined && { ips: texts }),
    },
  };
}

function toCall(entry: CacheEntry, netns: string, held: HeldFile): ChainCall {
  const { containerId, ifName, cniArgs, capabilityArgs, config } = entry;
  return {
    conflist: declareAddresses(parseConfig(config, held.target), capabilityArgs),
    containerId,
    netns,
    ifName,
    cniArgs,
    capabilityArgs,
    descriptors: [held.descriptor],
  };
}

/** @throws NetworkError storage */
function parseConfig(config: string, file: string): JsonObject {
  const conflist = attempt((): unknown => JSON.parse(config));
  if (isObject(conflist)) return conflist;
  throw new NetworkError('storageFailed', {
    path: file,
    operation: 'read',
    reason: 'its configuration is no JSON object',
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function firstOf(failures: readonly unknown[]): unknown {
  return failures[0];
}
