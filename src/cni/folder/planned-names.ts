import { isSameCidr } from '../../ip/cidr.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import { deviceName, deviceNumber } from '../../model/names.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { PrefixUser } from '../../network/dependencies/draft.js';
import type { IndexedFile } from './indexed-file.js';
import type { NetworkIndex } from './network-index.js';

/** A removal (`before` alone), a creation (`after` alone) or a replacement (both). */
export interface PlannedChange {
  readonly before: IndexedFile | undefined;
  readonly after: PlannedNetwork | undefined;
}

/** Names, bridges and prefixes that are taken once the planned changes, which the index does not have yet, are made. */
export class PlannedNames {
  readonly #added: PlannedNetwork[] = [];
  readonly #addedNames = new Set<string>();
  readonly #addedBridges = new Set<string>();
  readonly #removedNames = new Set<string>();
  readonly #removedKeys = new Set<string>();
  readonly #removedBridges = new Map<string, number>();
  /** Device numbers that removals free; they may be below the number up to which the index says that all are taken. */
  readonly #freedDevices = new Set<number>();
  /** Planned networks have every device from the index's lowest free one up to, not including, this number. */
  #lowestDevice: number;
  #used: PrefixSet;
  #routed: PrefixSet;

  constructor(private readonly index: NetworkIndex) {
    this.#used = index.used;
    this.#routed = index.routed;
    this.#lowestDevice = index.lowestDevice;
  }

  /** See {@link NetworkIndex.used}. */
  get used(): PrefixSet {
    return this.#used;
  }

  /** See {@link NetworkIndex.routed}. */
  get routed(): PrefixSet {
    return this.#routed;
  }

  /** Who has exactly this prefix, the first of several; undefined when none has. */
  userOf(prefix: Cidr): PrefixUser | undefined {
    const file = this.index.usersOf(prefix).find(({ key }) => !this.#removedKeys.has(key));
    if (file !== undefined) return { network: file.decoded.name, path: file.path };
    const planned = this.#added.find(({ subnets }) => subnets.some(({ cidr }) => isSameCidr(cidr, prefix)));
    return planned && { network: planned.name, path: undefined };
  }

  /** Names of the networks that the batch removes. */
  get removed(): ReadonlySet<string> {
    return this.#removedNames;
  }

  isAdded(name: string): boolean {
    return this.#addedNames.has(name);
  }

  hasName(name: string): boolean {
    return this.#addedNames.has(name) || this.index.hasName(name, this.#removedKeys);
  }

  hasBridge(bridge: string): boolean {
    return this.#addedBridges.has(bridge) || this.index.bridgeCount(bridge) > (this.#removedBridges.get(bridge) ?? 0);
  }

  /** @param isLive whether a link of the host has the name */
  freeDeviceNumber(isLive: (device: string) => boolean): number {
    const isFree = (number: number) => !this.#isNamed(number) && !isLive(deviceName(number));
    for (const number of [...this.#freedDevices].toSorted((a, b) => a - b)) {
      if (number < this.#lowestDevice && isFree(number)) return number;
    }
    while (this.#isNamed(this.#lowestDevice)) this.#lowestDevice += 1;
    let number = this.#lowestDevice;
    while (!isFree(number)) number += 1;
    return number;
  }

  apply({ before, after }: PlannedChange): void {
    if (before !== undefined) this.#remove(before);
    if (after !== undefined) this.#add(after);
  }

  #remove({ key, decoded }: IndexedFile): void {
    const { name, bridges, prefixes, routed } = decoded;
    this.#removedKeys.add(key);
    if (name !== undefined) {
      this.#removedNames.add(name);
      this.#freeDevice(name);
    }
    for (const bridge of bridges) {
      this.#removedBridges.set(bridge, (this.#removedBridges.get(bridge) ?? 0) + 1);
      this.#freeDevice(bridge);
    }
    for (const prefix of prefixes) {
      this.#used = this.#used.remove(prefix);
      if (routed) this.#routed = this.#routed.remove(prefix);
    }
  }

  #add(planned: PlannedNetwork): void {
    const { name, driver, networkInterface, subnets } = planned;
    this.#added.push(planned);
    const isBridge = driver === 'bridge';
    this.#addedNames.add(name);
    if (isBridge) this.#addedBridges.add(networkInterface);
    for (const { cidr } of subnets) {
      this.#used = this.#used.add(cidr);
      if (isBridge) this.#routed = this.#routed.add(cidr);
    }
  }

  #isNamed(number: number): boolean {
    const device = deviceName(number);
    return this.hasName(device) || this.hasBridge(device);
  }

  #freeDevice(device: string): void {
    const number = deviceNumber(device);
    if (number !== undefined) this.#freedDevices.add(number);
  }
}
