import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import type { ChangedFacts, PlannedNetwork } from '../../model/network.js';
import type { AttachmentView } from './attachments.js';
import type { StoredNetwork } from './stored-network.js';

/** Kernel facts of the network namespace that podnetd runs in. */
export interface HostFacts {
  /** Name of every link, up or down, with its kind (`bridge`, `veth`, … or `device` for hardware). */
  readonly links: ReadonlyMap<string, string>;
  /** The name of the link that an alternative name belongs to; every other name as it is. */
  linkNamed(name: string): string;
  /** Prefixes of interface addresses, which no new bridge network may have. */
  readonly addresses: PrefixSet;
  /** Prefixes of the routes of every table but default routes, avoided while another prefix is free. */
  readonly routes: PrefixSet;
  /** Addresses of the DNS servers that this host asks, as whole-length prefixes. */
  readonly dnsServers: PrefixSet;
  /** Stands for the links, addresses, routes and DNS servers: hexadecimal digits that change with them. */
  revision(): string;
  /** Name of a link that has a member of `addresses`, for messages; undefined when it is not known. */
  linkOfAddress(prefix: Cidr): string | undefined;
  /** Name of a link that a member of `routes` leads through, for messages; undefined when there is none. */
  linkOfRoute(prefix: Cidr): string | undefined;
}

/** A network that has a prefix, or a file that is none. */
export interface PrefixUser {
  /** Name of the network as its file or plan has it; undefined when the file has none. */
  readonly network: string | undefined;
  /** Absolute path of its file; undefined for a planned network, and for the default network that lives in memory. */
  readonly path: string | undefined;
}

/** Who may be named to the client of a decision, when what it asks for is taken. */
export interface Sight {
  /** Whether the client knows of a network. @param name undefined for the user of a prefix that is no network */
  seesNetwork(name: string | undefined): boolean;
  /** Whether the client knows of a network with a bridge of this name. */
  seesBridge(bridge: string): boolean;
  /** Whether interfaces, routes and DNS servers of the host may be named. */
  readonly seesHost: boolean;
}

/** Names and prefixes in use while a request is planned: those of the folder, and of earlier plans of the batch. */
export interface Taken {
  /** Present for a decision that asked for it. */
  readonly host: HostFacts;
  readonly sight: Sight;
  /** Subnets of all networks, whatever their driver. */
  readonly used: PrefixSet;
  /** Subnets that the host routes: all but those of macvlan and ipvlan, which are on their parent's wire. */
  readonly routed: PrefixSet;
  /** Who has a member of `used`, the first of several, for messages; undefined when it is not known. */
  userOf(prefix: Cidr): PrefixUser | undefined;
  hasName(name: string): boolean;
  hasBridge(bridge: string): boolean;
  /** Lowest n ≥ 1 for which neither a network nor a bridge nor, by `isLive`, a link is called `<prefix>n`. */
  freeDeviceNumber(isLive: (device: string) => boolean): number;
}

export interface ReplacedNetwork {
  readonly network: StoredNetwork;
  readonly warnings: readonly string[];
}

/** Changes planned together. Under the write lane they are a batch, which readers see after its commit; in a preview nothing follows. */
export interface Draft extends Taken {
  /** Stands for the folder and the host as the draft has them now, for a decision that asked for it: 32 hexadecimal digits. */
  readonly revision: string;
  /** Adds a network. @returns reads the stored network after the commit; throws if this change failed (exists, storage) */
  add(planned: PlannedNetwork): () => StoredNetwork;
  /** As `NetworkReader.find`, without networks that the batch removes. @throws NetworkError notFound, ambiguous */
  find(nameOrId: string): StoredNetwork;
  /** The network of an exact name, unless the batch removes it. */
  get(name: string): StoredNetwork | undefined;
  /** Every network that the batch does not remove, in the order of their files. */
  networks(): Iterable<StoredNetwork>;
  /** Names, else ids, of the containers that are on a network now. */
  usersOf(network: StoredNetwork): readonly string[];
  /** The attachments as of the first use of this member. */
  readonly attachments: AttachmentView;
  /**
   * Changes facts of a network in its file, and leaves the rest of the file as it is. The default network gets a file where it has none.
   *
   * @returns reads the network and the warnings after the commit; throws if this change failed (busy, forbidden, storage)
   * @throws NetworkError unsupported for a file in which podnetd does not find the place of a fact
   */
  replace(network: StoredNetwork, changed: ChangedFacts): () => ReplacedNetwork;
  /**
   * Removes the network's file and its bridge.
   *
   * @returns reads the warnings after the commit; throws if this change failed (storage)
   */
  remove(network: StoredNetwork): () => readonly string[];
}

/** Facts that take time to learn, so that a decision must ask for them: those of the host, or these and the draft's revision. */
export type Want = 'host' | 'revision';

/** Runs decisions: in the write lane, or in a preview that makes nothing of what they plan. */
export interface NetworkWriter {
  /**
   * Runs a decision in the write lane, and calls the function that it returns once the batch is durable. When an earlier change of the batch fails,
   * podnetd runs the later decisions again, so a decision must keep nothing from one run to the next.
   *
   * @param wants fact that the decision reads from the draft @throws NetworkError busy, storage
   */
  run<T>(decide: (draft: Draft) => () => T, wants?: Want): Promise<T>;
}
