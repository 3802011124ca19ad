import { PrefixSet } from '../../ip/prefix-set.js';
import { NetworkError } from '../../model/errors/errors.js';
import { deviceName, deviceNumber, networkId } from '../../model/names.js';
import type { Network } from '../../model/network.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { DecodedFile } from '../conflist/decode.js';

/** A configuration file as the index knows it; `key` orders files that claim one name. */
export interface IndexedFile {
  readonly key: string;
  readonly path: string | undefined;
  readonly decoded: DecodedFile;
}

/** A network that came into sight or went out of it. */
export interface NetworkChange {
  readonly action: 'create' | 'remove';
  readonly network: Network;
}

const nothing: ReadonlySet<string> = new Set();

/**
 * What the folder holds, by name, id, bridge and prefix. Every question costs the same at ten and at ten thousand networks.
 * It is changed between two turns of the event loop only, so that a reader sees one state without a lock.
 */
export class NetworkIndex {
  readonly #files = new Map<string, IndexedFile>();
  /** The files whose networks are shown, in the order of their keys, from the first time that somebody asks for it. */
  #shown: IndexedFile[] | undefined;
  #networks: readonly StoredNetwork[] | undefined;
  /** Files that claim a name, first one wins. */
  readonly #claims = new Map<string, readonly IndexedFile[]>();
  readonly #bridges = new Map<string, number>();
  /** Sorted, so that a prefix of an id is a range; from the first time that somebody asks for one. */
  #ids: { readonly id: string; readonly name: string }[] | undefined;
  #used = PrefixSet.empty;
  #routed = PrefixSet.empty;
  /** Every device below this number is named by a network. */
  #lowestDevice = 1;
  /** What was shown, before the first change since changes were last taken, under each name that was touched. */
  readonly #before = new Map<string, Network | undefined>();

  get used(): PrefixSet {
    return this.#used;
  }

  get routed(): PrefixSet {
    return this.#routed;
  }

  /** Where the search for a free device number may begin. */
  get lowestDevice(): number {
    while (this.#isDeviceNamed(deviceName(this.#lowestDevice))) this.#lowestDevice += 1;
    return this.#lowestDevice;
  }

  /** @param hidden keys of files that count as absent */
  hasName(name: string, hidden: ReadonlySet<string> = nothing): boolean {
    const claims = this.#claims.get(name);
    return claims !== undefined && (hidden.size === 0 || claims.some((file) => !hidden.has(file.key)));
  }

  /** How many files name a bridge. */
  bridgeCount(bridge: string): number {
    return this.#bridges.get(bridge) ?? 0;
  }

  /** The file that a network is shown from. */
  fileOf(name: string): IndexedFile | undefined {
    return this.#shownAs(name);
  }

  /** Every file that claims a name. */
  filesOf(name: string): readonly IndexedFile[] {
    return this.#claims.get(name) ?? [];
  }

  put(file: IndexedFile): void {
    this.remove(file.key);
    this.#files.set(file.key, file);
    const { decoded } = file;
    for (const prefix of decoded.prefixes) {
      this.#used = this.#used.add(prefix);
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
    const { decoded } = file;
    for (const prefix of decoded.prefixes) {
      this.#used = this.#used.remove(prefix);
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

  get(name: string): StoredNetwork | undefined {
    const shown = this.#shownAs(name);
    return shown === undefined ? undefined : toStored(shown);
  }

  /** The file that is shown in the place of another network of its name. */
  rivalOf(key: string): IndexedFile | undefined {
    const file = this.#files.get(key);
    if (file?.decoded.network === undefined) return undefined;
    const shown = this.#shownAs(file.decoded.network.name);
    return shown === file ? undefined : shown;
  }

  /**
   * An exact name, else a unique prefix of an id.
   *
   * @param hidden names that count as absent
   * @throws NetworkError notFound, ambiguous
   */
  find(nameOrId: string, hidden: ReadonlySet<string> = nothing): StoredNetwork {
    const named = hidden.has(nameOrId) ? undefined : this.get(nameOrId);
    if (named !== undefined) return named;
    const candidates: StoredNetwork[] = [];
    if (nameOrId !== '') {
      const ids = this.#sortedIds();
      for (let at = positionIn(ids, nameOrId, 'id'); candidates.length < 2; at += 1) {
        const entry = ids[at];
        if (entry === undefined || !entry.id.startsWith(nameOrId)) break;
        const network = hidden.has(entry.name) ? undefined : this.get(entry.name);
        if (network !== undefined) candidates.push(network);
      }
    }
    const [found, second] = candidates;
    if (found === undefined) throw new NetworkError('networkNotFound', { nameOrId });
    if (second !== undefined) throw new NetworkError('networkAmbiguous', { nameOrId });
    return found;
  }

  /** Every shown network, in the order of their file paths; the same array as before while nothing changed. */
  networks(): readonly StoredNetwork[] {
    this.#shown ??= [...this.#files.values()].filter((file) => this.#isShown(file)).toSorted(by('key'));
    this.#networks ??= this.#shown.map(toStored);
    return this.#networks;
  }

  /** Networks that came or went since the last call. One that another file took over, or whose file was replaced, did neither. */
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

  /** A change of who claims a name: another file may be shown under it afterwards, or none. */
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
    return this.#claims.get(name)?.find((file) => file.decoded.network !== undefined);
  }

  #claim(name: string, file: IndexedFile): void {
    const claims = this.#claims.get(name);
    if (claims === undefined) {
      this.#claims.set(name, [file]);
      if (this.#ids !== undefined) insert(this.#ids, { id: networkId(name), name }, 'id');
    } else {
      this.#claims.set(name, [...claims, file].toSorted(by('key')));
    }
  }

  #unclaim(name: string, file: IndexedFile): void {
    const left = (this.#claims.get(name) ?? []).filter((claim) => claim !== file);
    if (left.length > 0) {
      this.#claims.set(name, left);
      return;
    }
    this.#claims.delete(name);
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
    this.#ids ??= Array.from(this.#claims.keys(), (name) => ({ id: networkId(name), name })).toSorted(by('id'));
    return this.#ids;
  }
}

function by<K extends string>(key: K): (a: Readonly<Record<K, string>>, b: Readonly<Record<K, string>>) => number {
  return (a, b) => (a[key] < b[key] ? -1 : 1);
}

function insert<K extends string, T extends Readonly<Record<K, string>>>(sorted: T[], item: T, key: K): void {
  sorted.splice(positionIn(sorted, item[key], key), 0, item);
}

/** Where an item of this key stands or would stand. */
function positionIn<K extends string>(sorted: readonly Readonly<Record<K, string>>[], value: string, key: K): number {
  return lowerBound(sorted.length, (at) => (sorted[at]?.[key] ?? '') < value);
}

/** The first of `length` positions that is not before what is looked for. */
function lowerBound(length: number, isBefore: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const told = new WeakMap<IndexedFile, StoredNetwork>();

/** A file that defines a network, as it is told to others: each time as the same object. */
export function toStored(file: IndexedFile): StoredNetwork {
  let stored = told.get(file);
  if (stored === undefined) told.set(file, (stored = describe(file)));
  return stored;
}

function describe({ key, path, decoded }: IndexedFile): StoredNetwork {
  const { network, text, conflist, podmanShaped } = decoded;
  if (network === undefined) throw new TypeError(`${path ?? 'memory'} is no network`);
  return {
    network,
    path,
    text,
    conflist,
    foreign: path !== undefined && !(podmanShaped && key === `${network.name}.conflist`),
  };
}
