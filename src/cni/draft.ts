import path from 'node:path';
import type { FileStamp } from '../host/file-stamp.js';
import type { Files } from '../host/files.js';
import type { NewFile, PublishOutcome } from '../host/publish.js';
import type { PrefixSet } from '../ip/prefix-set.js';
import type { Held } from '../locks/write-lane.js';
import { NetworkError } from '../model/errors.js';
import { deviceName } from '../model/names.js';
import type { PlannedNetwork } from '../model/network.js';
import type { AttachmentView, Draft, Drafted, HostFacts, StoredNetwork } from '../network/ports.js';
import { decodeFile, type DecodedFile } from './decode.js';
import { encodeConflist } from './encode.js';
import { toStored, type IndexedFile, type NetworkIndex } from './network-index.js';

/** What a draft needs of its surroundings. */
export interface DraftContext {
  readonly folder: string;
  readonly files: Files;
  readonly index: NetworkIndex;
  /** Undefined where no decision wants it. */
  readonly host: HostFacts | undefined;
  /** Who is on the networks; asked only when something is removed. */
  look(): AttachmentView;
  /** Takes a bridge that no network names any more away. @returns a warning where it stays */
  removeBridge(bridge: string): Promise<string | undefined>;
  /** The state of a file that the index knows. */
  stampOf(key: string): FileStamp | undefined;
  /** Receive what was done, so that the index moves forward without reading it back. */
  onPublished(file: IndexedFile, stamp: FileStamp): void;
  onRemoved(key: string): void;
}

interface Removing {
  readonly file: IndexedFile;
  /** Of the file that was decided on. */
  readonly stamp: FileStamp | undefined;
  readonly warnings: string[];
  failure: NetworkError | undefined;
}

/** Changes on top of the index, seen by the planning of the same batch and by nobody else until they are durable. */
export class FolderDraft implements Draft {
  readonly #additions: NewFile[] = [];
  #results: readonly (StoredNetwork | NetworkError)[] = [];
  readonly #removals: Removing[] = [];
  #leftovers: readonly string[] = [];
  readonly #added = new Map<string, Drafted>();
  readonly #addedBridges = new Set<string>();
  readonly #removedNames = new Set<string>();
  readonly #removedKeys = new Set<string>();
  readonly #removedBridges = new Map<string, number>();
  #attachments: AttachmentView | undefined;
  #used: PrefixSet;
  #routed: PrefixSet;

  constructor(
    private readonly context: DraftContext,
    private readonly held: Held,
  ) {
    this.#used = context.index.used;
    this.#routed = context.index.routed;
  }

  get host(): HostFacts {
    if (this.context.host === undefined) throw new TypeError('a decision did not say that it wants to know the host');
    return this.context.host;
  }

  get used(): PrefixSet {
    return this.#used;
  }

  get routed(): PrefixSet {
    return this.#routed;
  }

  hasName(name: string): boolean {
    return this.#added.has(name) || this.context.index.hasName(name, this.#removedKeys);
  }

  hasBridge(bridge: string): boolean {
    return (
      this.#addedBridges.has(bridge) || this.context.index.bridgeCount(bridge) > (this.#removedBridges.get(bridge) ?? 0)
    );
  }

  freeDeviceNumber(isLive: (device: string) => boolean): number {
    // What this batch removes may lie below what the index knows to be taken.
    for (let number = this.#removals.length > 0 ? 1 : this.context.index.lowestDevice; ; number += 1) {
      const device = deviceName(number);
      if (!this.hasName(device) && !this.hasBridge(device) && !isLive(device)) return number;
    }
  }

  find(nameOrId: string): StoredNetwork {
    return this.context.index.find(nameOrId, this.#removedNames);
  }

  get(name: string): Drafted | undefined {
    const added = this.#added.get(name);
    if (added !== undefined) return added;
    const stored = this.#removedNames.has(name) ? undefined : this.context.index.get(name);
    return stored && { network: stored.network, read: () => stored };
  }

  *networks(): Generator<StoredNetwork> {
    for (const stored of this.context.index.networks()) {
      if (!this.#removedNames.has(stored.network.name)) yield stored;
    }
  }

  usersOf(network: StoredNetwork): readonly string[] {
    this.#attachments ??= this.context.look();
    return this.#attachments.usersOf(network);
  }

  add(planned: PlannedNetwork): () => StoredNetwork {
    const position = this.#additions.length;
    this.#additions.push({ fileName: `${planned.name}.conflist`, text: encodeConflist(planned) });
    if (planned.driver === 'bridge') this.#addedBridges.add(planned.networkInterface);
    for (const { cidr } of planned.subnets) {
      this.#used = this.#used.add(cidr);
      if (planned.driver === 'bridge') this.#routed = this.#routed.add(cidr);
    }
    const read = () => {
      const result = this.#results[position];
      if (result === undefined) throw new TypeError('a draft is read before its commit');
      if (result instanceof NetworkError) throw result;
      return result;
    };
    this.#added.set(planned.name, { network: planned, read });
    return read;
  }

  remove({ network }: StoredNetwork): () => readonly string[] {
    const file = this.context.index.fileOf(network.name);
    if (file?.path === undefined) throw new TypeError(`${network.name} is in no file`);
    const stamp = this.context.stampOf(file.key);
    const removal: Removing = { file, stamp, warnings: [], failure: undefined };
    this.#removals.push(removal);
    this.#removedNames.add(network.name);
    this.#removedKeys.add(file.key);
    for (const bridge of file.decoded.bridges) {
      this.#removedBridges.set(bridge, (this.#removedBridges.get(bridge) ?? 0) + 1);
    }
    for (const prefix of file.decoded.prefixes) {
      this.#used = this.#used.remove(prefix);
      if (file.decoded.routed) this.#routed = this.#routed.remove(prefix);
    }
    return () => {
      if (removal.failure !== undefined) throw removal.failure;
      return removal.warnings;
    };
  }

  /** Unfinished files of an earlier run are removed with the commit. @returns their names */
  clearLeftovers(): () => readonly string[] {
    this.#leftovers = this.context.files.listLeftovers(this.context.folder);
    return () => this.#leftovers;
  }

  async commit(): Promise<void> {
    const { folder, files } = this.context;
    await Promise.all(this.#leftovers.map(async (name) => await files.remove(path.join(folder, name))));
    if (this.#additions.length === 0 && this.#removals.length === 0) return;
    files.makeFolder(folder);
    if (!this.held.isValid()) throw new NetworkError('laneLost', { folder });
    const removed = this.#removals.map(({ file, stamp }) => ({ fileName: file.key, stamp }));
    const changing = files.change(folder, { removed, added: this.#additions });
    // While the disk is waited for.
    const read = this.#additions.map(({ fileName, text }) => ({ fileName, decoded: decodeFile(text, true, 0n) }));
    const outcome = await changing;
    for (const [position, removal] of this.#removals.entries()) {
      removal.failure = outcome.removed[position];
      if (removal.failure === undefined) this.context.onRemoved(removal.file.key);
    }
    this.#results = read.map(({ fileName, decoded }, position) =>
      this.#conclude(fileName, decoded, outcome.added[position]),
    );
    for (const removal of this.#removals) if (removal.failure === undefined) await this.#removeBridges(removal);
  }

  /** Still under the lane, so that nobody makes a network on a bridge that is about to go. */
  async #removeBridges({ file: { decoded }, warnings }: Removing): Promise<void> {
    for (const bridge of decoded.bridges) {
      if (this.context.index.bridgeCount(bridge) > 0) continue;
      const warning = await this.context.removeBridge(bridge);
      if (warning !== undefined) warnings.push(warning);
    }
  }

  #conclude(fileName: string, decoded: DecodedFile, outcome: PublishOutcome | undefined): StoredNetwork | NetworkError {
    if (outcome === undefined) throw new TypeError(`${fileName}: published without an outcome`);
    if (outcome instanceof NetworkError) return outcome;
    if (decoded.network === undefined)
      throw new TypeError(`${fileName}: ${decoded.problem?.reason ?? 'not a network'}`);
    const network = { ...decoded.network, createdNs: outcome.mtimeNs };
    const file = { key: fileName, path: path.join(this.context.folder, fileName), decoded: { ...decoded, network } };
    this.context.onPublished(file, outcome);
    return toStored(file);
  }
}
