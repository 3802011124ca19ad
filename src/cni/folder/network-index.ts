import { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import { deviceName, deviceNumber, networkId } from '../../model/names.js';
import type { Network } from '../../model/network.js';
import { pickNetwork } from '../../model/pick-network.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { ContentHash } from './content-hash.js';
import { toStored, type IndexedFile } from './indexed-file.js';
import { NameClaims } from './name-claims.js';
import { PrefixUsers } from './prefix-users.js';
import { by, insert, positionIn } from './sorted-list.js';

/** A network that appeared or vanished, or that podnetd changed. */
export interface NetworkChange {
  readonly action: 'create' | 'update' | 'remove';
  readonly network: Network;
}

const nothing: ReadonlySet<string> = new Set();

/**
 * The files of the folder, by name, id, bridge and prefix. A look-up costs the same at ten and at ten thousand networks. The index changes only
 * within one turn of the event loop, so that a reader sees one state without a lock.
 */
export class NetworkIndex {
  readonly #files = new Map<string, IndexedFile>();
  /** Changes with each file that the index has. */
  readonly content = new ContentHash(() => this.#files.values());
  /** The files whose networks are shown, in the order of their keys; built on first use. */
  #shown: IndexedFile[] | undefined;
  #networks: readonly StoredNetwork[] | undefined;
  readonly #claims = new NameClaims();
  /** How many files name each bridge. */
  readonly #bridges = new Map<string, number>();
  readonly #users = new PrefixUsers();
  /** Sorted by id, so that the ids with one beginning are a range; built on first use. */
  #ids: { readonly id: string; readonly name: string }[] | undefined;
  #used = PrefixSet.empty;
  #routed = PrefixSet.empty;
  /** A network names every device below this number. */
  #lowestDevice = 1;
  /** For each name that changed since {@link NetworkIndex.takeChanges}: the network that was shown before. */
  readonly #before = new Map<string, Network | undefined>();

  /** Prefixes of every file. */
  get used(): PrefixSet {
    return this.#used;
  }

  /** Prefixes of the networks that the host routes. */
  get routed(): PrefixSet {
    return this.#routed;
  }

  /** The lowest device number that no network names. */
  get lowestDevice(): number {
    while (this.#isDeviceNamed(deviceName(this.#lowestDevice))) this.#lowestDevice += 1;
    return this.#lowestDevice;
  }

  /** Whether a file claims a name. @param hidden keys of files that count as absent */
  hasName(name: string, hidden: ReadonlySet<string> = nothing): boolean {
    return this.#claims.of(name).some((file) => !hidden.has(file.key));
  }

  /** How many files name a bridge. */
  bridgeCount(bridge: string): number {
    return this.#bridges.get(bridge) ?? 0;
  }

  /** The files that have exactly this prefix, in the order in which they came. */
  usersOf(prefix: Cidr): readonly IndexedFile[] {
    return this.#users.of(prefix);
  }

  /** The file from which a network is shown. */
  fileOf(name: string): IndexedFile | undefined {
    return this.#shownAs(name);
  }

  /** Every file, in no order. */
  files(): Iterable<IndexedFile> {
    return this.#files.values();
  }

  /** Every file that claims a name. */
  filesOf(name: string): readonly IndexedFile[] {
    return this.#claims.of(name);
  }

  /** Adds a file, in place of the one with its key. */
  put(file: IndexedFile): void {
    this.remove(file.key);
    this.#files.set(file.key, file);
    this.content.add(file);
    const { decoded } = file;
    for (const prefix of decoded.prefixes) {
      this.#used = this.#used.add(prefix);
      this.#users.add(prefix, file);
      if (decoded.routed) this.#routed = this.#routed.add(prefix);
    }
    for (const bridge of decoded.bridges) this.#bridges.set(bridge, (this.#bridges.get(bridge) ?? 0) + 1);
    if (decoded.name !== undefined) {
      const { name } = decoded;
      this.#reshow(name, () => this.#claim(name, file));
    }
  }

  remove(key: string): void {
    const file = this.#files.get(key);
    if (file === undefined) return;
    this.#files.delete(key);
    this.content.remove(file);
    const { decoded } = file;
    for (const prefix of decoded.prefixes) {
      this.#used = this.#used.remove(prefix);
      this.#users.remove(prefix, file);
      if (decoded.routed) this.#routed = this.#routed.remove(prefix);
    }
    for (const bridge of decoded.bridges) {
      const left = (this.#bridges.get(bridge) ?? 1) - 1;
      if (left === 0) this.#bridges.delete(bridge);
      else this.#bridges.set(bridge, left);
      this.#lowerDevice(bridge);
    }
    if (decoded.name !== undefined) {
      const { name } = decoded;
      this.#reshow(name, () => this.#unclaim(name, file));
    }
  }

  /** The network that is shown under an exact name. */
  get(name: string): StoredNetwork | undefined {
    const shown = this.#shownAs(name);
    return shown === undefined ? undefined : toStored(shown);
  }

  /** Files of which some are not shown, because several claim a name. */
  contestedFiles(): readonly IndexedFile[] {
    return this.#claims.contested();
  }

  /** The file that is shown instead of this one, because both define a network of one name. */
  rivalOf(key: string): IndexedFile | undefined {
    const file = this.#files.get(key);
    if (file?.decoded.network === undefined) return undefined;
    const shown = this.#shownAs(file.decoded.network.name);
    return shown === file ? undefined : shown;
  }

  /**
   * Finds a network by its exact name, else by the unique beginning of an id.
   *
   * @param hidden names that count as absent
   * @throws NetworkError notFound, ambiguous
   */
  find(nameOrId: string, hidden: ReadonlySet<string> = nothing): StoredNetwork {
    const named = hidden.has(nameOrId) ? undefined : this.get(nameOrId);
    return pickNetwork(nameOrId, named, () => this.#withIdFrom(nameOrId, hidden));
  }

  *#withIdFrom(start: string, hidden: ReadonlySet<string>): Generator<StoredNetwork> {
    const ids = this.#sortedIds();
    for (let at = positionIn(ids, start, 'id'); ids[at]?.id.startsWith(start) === true; at += 1) {
      const { name = '' } = ids[at] ?? {};
      const network = hidden.has(name) ? undefined : this.get(name);
      if (network !== undefined) yield network;
    }
  }

  /** Every shown network, in the order of their file paths; the same array as before while nothing changed. */
  networks(): readonly StoredNetwork[] {
    this.#shown ??= [...this.#files.values()].filter((file) => this.#isShown(file)).toSorted(by('key'));
    this.#networks ??= this.#shown.map(toStored);
    return this.#networks;
  }

  /** Networks that appeared or vanished since the last call; a network whose file was replaced did neither. */
  takeChanges(): readonly NetworkChange[] {
    const changes: NetworkChange[] = [];
    for (const [name, before] of this.#before) {
      const after = this.#shownAs(name)?.decoded.network;
      if (before === undefined && after !== undefined) changes.push({ action: 'create', network: after });
      if (before !== undefined && after === undefined) changes.push({ action: 'remove', network: before });
    }
    this.#before.clear();
    return changes;
  }

  /** Changes the claims of a name, after which another file may be shown under the name, or none. */
  #reshow(name: string, change: () => void): void {
    const before = this.#shownAs(name);
    if (!this.#before.has(name)) this.#before.set(name, before?.decoded.network);
    change();
    const after = this.#shownAs(name);
    if (before === after) return;
    this.#networks = undefined;
    if (this.#shown === undefined) return;
    if (before !== undefined) this.#shown.splice(positionIn(this.#shown, before.key, 'key'), 1);
    if (after !== undefined) insert(this.#shown, after, 'key');
  }

  #isShown(file: IndexedFile): boolean {
    const { name } = file.decoded;
    return name !== undefined && this.#shownAs(name) === file;
  }

  #shownAs(name: string): IndexedFile | undefined {
    return this.#claims.shown(name);
  }

  #claim(name: string, file: IndexedFile): void {
    const isNew = this.#claims.add(name, file);
    if (isNew && this.#ids !== undefined) insert(this.#ids, { id: networkId(name), name }, 'id');
  }

  #unclaim(name: string, file: IndexedFile): void {
    if (!this.#claims.remove(name, file)) return;
    if (this.#ids !== undefined) this.#ids.splice(positionIn(this.#ids, networkId(name), 'id'), 1);
    this.#lowerDevice(name);
  }

  #isDeviceNamed(device: string): boolean {
    return this.hasName(device) || this.#bridges.has(device);
  }

  #lowerDevice(device: string): void {
    this.#lowestDevice = Math.min(this.#lowestDevice, deviceNumber(device) ?? Infinity);
  }

  #sortedIds(): readonly { readonly id: string; readonly name: string }[] {
    this.#ids ??= Array.from(this.#claims.names, (name) => ({ id: networkId(name), name })).toSorted(by('id'));
    return this.#ids;
  }
}
