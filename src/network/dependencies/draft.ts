import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { AttachmentView } from './attachments.js';
import type { StoredNetwork } from './stored-network.js';

/** Kernel facts of the network namespace that podnetd runs in. */
export interface HostFacts {
  /** Name of every link, up or down, with its kind (`bridge`, `veth`, … or `device` for hardware). */
  readonly links: ReadonlyMap<string, string>;
  /** Prefixes of interface addresses: nobody else may have them. */
  readonly addresses: PrefixSet;
  /** Routed prefixes of every table but default routes: avoided while something else is free. */
  readonly routes: PrefixSet;
  /** Name of a link that has a member of `addresses`, where it is known; for messages. */
  linkOfAddress(prefix: Cidr): string | undefined;
  /** Name of a link that a member of `routes` leads through, where there is one; for messages. */
  linkOfRoute(prefix: Cidr): string | undefined;
}

/** What is taken while a request is planned: the folder, and what the same batch planned before. */
export interface Taken {
  /** Of a decision that wants it. */
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
  /** As `NetworkReader.find`, less what this batch removes. @throws NetworkError notFound, ambiguous */
  find(nameOrId: string): StoredNetwork;
  /** By its exact name, less what this batch removes. */
  get(name: string): StoredNetwork | undefined;
  /** Every network, less what this batch removes, in the order of their files. */
  networks(): Iterable<StoredNetwork>;
  /** Containers that are on a network now, by name where they have one. */
  usersOf(network: StoredNetwork): readonly string[];
  /** As of the moment in which this draft first asks. */
  readonly attachments: AttachmentView;
  /** Puts another network in the place of one, under the same name. @returns as {@link add}; throws then if this very change failed (busy, storage) */
  replace(network: StoredNetwork, planned: PlannedNetwork): () => StoredNetwork;
  /**
   * Removes the network's file and, as root, its bridge.
   *
   * @returns warnings, read after the commit; throws then if this very change failed (storage)
   */
  remove(network: StoredNetwork): () => readonly string[];
}

/** What takes time to learn, and not every decision needs. */
export type Want = 'host';

export interface NetworkWriter {
  /**
   * Runs a decision in the write lane; what it returns is read after the batch is durable. A decision that stood on another one's change is
   * run again where that change failed, so it keeps nothing from one run to the next.
   *
   * @param wants what the decision asks the draft for besides networks @throws NetworkError busy, storage
   */
  run<T>(decide: (draft: Draft) => () => T, wants?: Want): Promise<T>;
}
