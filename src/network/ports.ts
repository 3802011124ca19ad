import type { PrefixSet } from '../ip/prefix-set.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Cidr } from '../model/address.js';
import type { Network, PlannedNetwork } from '../model/network.js';

/** Kernel facts of the network namespace that podnetd runs in. */
export interface HostFacts {
  /** Name of every link, up or down, with its kind (`bridge`, `veth`, … or `device` for hardware). */
  readonly links: ReadonlyMap<string, string>;
  /** Prefixes of interface addresses: nobody else may have them. */
  readonly addresses: PrefixSet;
  /** Routed prefixes of every table but default routes: avoided while something else is free. */
  readonly routes: PrefixSet;
}

/** What is taken while a request is planned: the folder, and what the same batch planned before. */
export interface Taken {
  readonly host: HostFacts;
  /** Subnets of every network whatever its driver. */
  readonly used: PrefixSet;
  /** Those of networks that the host routes: all but macvlan and ipvlan, which live on somebody else's wire. */
  readonly routed: PrefixSet;
  hasName(name: string): boolean;
  hasBridge(bridge: string): boolean;
  /** Lowest n ≥ 1 for which neither a network nor a bridge nor, by `isLive`, a link is called `<prefix>n`. */
  freeDeviceNumber(isLive: (device: string) => boolean): number;
}

/** A batch of changes under the write lane; readers see them when it has been committed. */
export interface Draft extends Taken {
  /** @returns what the store knows of it after the commit; throws then if this very change failed (exists, storage) */
  add(planned: PlannedNetwork): () => StoredNetwork;
}

export interface StoredNetwork {
  readonly network: Network;
  /** Absolute path; undefined for the default network that lives in memory. */
  readonly path: string | undefined;
  /** The conflist as parsed, keys in file order. */
  readonly conflist: Readonly<Record<string, unknown>>;
}

/** The networks of the folder, brought up to date at each call. */
export interface NetworkReader {
  /** @throws NetworkError notFound, ambiguous */
  find(nameOrId: string): Promise<StoredNetwork>;
}

export interface NetworkWriter {
  /** Runs a decision in the write lane; what it returns is read after the batch is durable. @throws NetworkError busy, storage */
  run<T>(decide: (draft: Draft) => () => T): Promise<T>;
}

export interface PluginFinder {
  has(plugin: string): boolean;
}

export interface NetworkSettings {
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  readonly subnetPools: readonly SubnetPool[];
  random(bytes: number): Uint8Array;
}
