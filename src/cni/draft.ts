import path from 'node:path';
import type { FileStamp } from '../host/file-stamp.js';
import type { Files } from '../host/files.js';
import type { NewFile, PublishOutcome } from '../host/publish.js';
import type { PrefixSet } from '../ip/prefix-set.js';
import type { Held } from '../locks/write-lane.js';
import { NetworkError } from '../model/errors.js';
import { deviceName } from '../model/names.js';
import type { PlannedNetwork } from '../model/network.js';
import type { Draft, HostFacts, StoredNetwork } from '../network/ports.js';
import { decodeFile } from './decode.js';
import { encodeConflist } from './encode.js';
import type { IndexedFile, NetworkIndex } from './network-index.js';

/** Receives what was published, so that the index moves forward without reading it back. */
export type OnPublished = (file: IndexedFile, stamp: FileStamp) => void;

/** Additions on top of the index, seen by the planning of the same batch and by nobody else until they are durable. */
export class FolderDraft implements Draft {
  readonly #additions: NewFile[] = [];
  #results: readonly (StoredNetwork | NetworkError)[] = [];
  #leftovers: readonly string[] = [];
  readonly #names = new Set<string>();
  readonly #bridges = new Set<string>();
  #used: PrefixSet;
  #routed: PrefixSet;

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    private readonly index: NetworkIndex,
    private readonly held: Held,
    readonly host: HostFacts,
    private readonly onPublished: OnPublished,
  ) {
    this.#used = index.used;
    this.#routed = index.routed;
  }

  get used(): PrefixSet {
    return this.#used;
  }

  get routed(): PrefixSet {
    return this.#routed;
  }

  hasName(name: string): boolean {
    return this.#names.has(name) || this.index.hasName(name);
  }

  hasBridge(bridge: string): boolean {
    return this.#bridges.has(bridge) || this.index.hasBridge(bridge);
  }

  freeDeviceNumber(isLive: (device: string) => boolean): number {
    for (let number = this.index.lowestDevice; ; number += 1) {
      const device = deviceName(number);
      if (!this.hasName(device) && !this.hasBridge(device) && !isLive(device)) return number;
    }
  }

  add(planned: PlannedNetwork): () => StoredNetwork {
    const position = this.#additions.length;
    this.#additions.push({ fileName: `${planned.name}.conflist`, text: encodeConflist(planned) });
    this.#names.add(planned.name);
    if (planned.driver === 'bridge') this.#bridges.add(planned.networkInterface);
    for (const { cidr } of planned.subnets) {
      this.#used = this.#used.add(cidr);
      if (planned.driver === 'bridge') this.#routed = this.#routed.add(cidr);
    }
    return () => {
      const result = this.#results[position];
      if (result === undefined) throw new TypeError('a draft is read before its commit');
      if (result instanceof NetworkError) throw result;
      return result;
    };
  }

  /** Unfinished files of an earlier run are removed with the commit. @returns their names */
  clearLeftovers(): () => readonly string[] {
    this.#leftovers = this.files.listLeftovers(this.folder);
    return () => this.#leftovers;
  }

  async commit(): Promise<void> {
    await Promise.all(this.#leftovers.map(async (name) => await this.files.remove(path.join(this.folder, name))));
    if (this.#additions.length === 0) return;
    this.files.makeFolder(this.folder);
    if (!this.held.isValid()) throw new NetworkError('laneLost', { folder: this.folder });
    const outcomes = await this.files.publish(this.folder, this.#additions);
    this.#results = this.#additions.map((addition, position) => this.#conclude(addition, outcomes[position]));
  }

  #conclude({ fileName, text }: NewFile, outcome: PublishOutcome | undefined): StoredNetwork | NetworkError {
    if (outcome === undefined) throw new TypeError(`${fileName}: published without an outcome`);
    if (outcome instanceof NetworkError) return outcome;
    const decoded = decodeFile(text, true, outcome.mtimeNs);
    if (decoded.network === undefined) throw new TypeError(`${fileName}: ${decoded.problem ?? 'not a network'}`);
    const target = path.join(this.folder, fileName);
    this.onPublished({ key: fileName, path: target, decoded }, outcome);
    return { network: decoded.network, path: target, conflist: decoded.conflist };
  }
}
