import type { PrefixSet } from '../ip/prefix-set.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Address, Cidr } from '../model/address.js';
import type { Attachment, AttachmentKey, Liveness, PortMapping } from '../model/attachment.js';
import type { NetworkError } from '../model/errors.js';
import type { EventBounds, NetworkEvent } from '../model/event.js';
import type { Network, PlannedNetwork } from '../model/network.js';

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
  /** As {@link NetworkReader.find}, less what this batch removes. @throws NetworkError notFound, ambiguous */
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

export interface StoredNetwork {
  readonly network: Network;
  /** Absolute path; undefined for the default network that lives in memory. */
  readonly path: string | undefined;
  /** The file as it was read. */
  readonly text: string;
  /** The conflist as parsed, keys in file order. */
  readonly conflist: Readonly<Record<string, unknown>>;
  /** The file is none that podnetd or Podman writes: it is shown and counted, never changed. */
  readonly foreign: boolean;
}

/** A file that cannot be used, and why. */
export interface FileProblem {
  readonly path: string;
  readonly reason: string;
  /** Of the fault, counted from 1, where it is known. */
  readonly line: number | undefined;
}

/** The networks of the folder, brought up to date at each call. */
export interface NetworkReader {
  /** @throws NetworkError notFound, ambiguous */
  find(nameOrId: string): Promise<StoredNetwork>;
  /** Every network, in the order of their files; the same array as before while nothing changed. @throws NetworkError storage */
  list(): Promise<readonly StoredNetwork[]>;
  /** @throws NetworkError storage */
  problems(): Promise<readonly FileProblem[]>;
}

/** Who is on which network, by what the runtimes of this host wrote down. */
export interface AttachmentReader {
  /** The state of now. @throws NetworkError storage */
  look(): Promise<AttachmentView>;
}

export interface AttachmentView {
  /** Attachments in the result cache whose namespace is still there, and those that are under way. */
  of(networkName: string): readonly Attachment[];
  /** Those of every network, also of networks whose files are gone. */
  all(): readonly Attachment[];
  /** Attachments whose namespace is gone: their DEL never came. */
  dead(networkName: string): readonly Attachment[];
  /** Attachments that leases alone tell of, and whose containers are not alive. */
  unrecorded(network: StoredNetwork): readonly Attachment[];
  /** Files that say something of attachments and are not believed; leases are those of the networks given. */
  faults(networks: Iterable<StoredNetwork>): readonly FaultyRecord[];
  /** Containers that are on a network: those of its attachments, and living holders of its leases. By name where they have one. */
  usersOf(network: StoredNetwork): readonly string[];
}

/** A file that says something of an attachment and is not believed. */
export interface FaultyRecord extends FileProblem {
  /** Of which attachment it says that it is, where it says so. */
  readonly claim: AttachmentKey | undefined;
}

/** A network namespace held open, so that what was found out about it holds until it is let go, whatever its path leads to meanwhile. */
export interface HeldNamespace {
  readonly path: string;
  readonly descriptor: number;
  /** Tells it from every other one that the path may lead to later. */
  readonly mark: string;
  close(): void;
}

/** One ADD, decided. */
export interface NewAttachment {
  readonly network: StoredNetwork;
  readonly containerId: string;
  readonly containerName: string;
  readonly namespace: HeldNamespace;
  readonly ifName: string;
  readonly staticAddresses: readonly Address[];
  /** Lower case with colons; undefined leaves it to the plugins. */
  readonly macAddress: string | undefined;
  readonly aliases: readonly string[];
  readonly portMappings: readonly PortMapping[];
}

/** An ADD or DEL that is under way, or that ended with the process that was at it. */
export type UnfinishedWork = Attachment;

/** As it is written down. */
export interface WrittenWork extends UnfinishedWork {
  /** Absolute path. */
  readonly path: string;
  /** Why it could be neither ended nor undone; undefined while somebody is at it. */
  readonly failure: string | undefined;
}

export interface Repair extends UnfinishedWork {
  /** Why it is still unfinished. */
  readonly error: NetworkError | undefined;
}

export interface RepairOptions {
  /** Whether plugins that outlived their caller are waited for. */
  readonly patient: boolean;
  /** What is forgotten even if plugins fail; by default nothing. */
  readonly forget?: (work: UnfinishedWork) => boolean;
}

/** Puts containers on networks and takes them off, by the plugins of this host. */
export interface AttachmentRuntime {
  /** Every attachment of the result cache, also those whose namespace is gone; or a container's. @throws NetworkError storage */
  known(containerId?: string): readonly Attachment[];
  /** @throws NetworkError storage */
  unfinished(): readonly WrittenWork[];
  /** Files among those that say what is unfinished, and that are not believed. @throws NetworkError storage */
  problems(): readonly FileProblem[];
  /**
   * Undoes or ends what a dead process left unfinished, once no plugin is at it any more.
   *
   * @param concerns which; others are left alone
   */
  repair(concerns: (work: UnfinishedWork) => boolean, options: RepairOptions): Promise<readonly Repair[]>;
  /**
   * @param confirm runs when everybody can see what is about to happen, and before it does; throws to call it off
   * @throws NetworkError plugin, storage, busy, and whatever `confirm` throws; then nothing is left
   */
  add(attachment: NewAttachment, confirm: () => Promise<void>): Promise<Attachment>;
  /**
   * With the configuration that it was made with.
   *
   * @param force forgets it even if plugins fail
   * @throws NetworkError plugin, storage, busy
   */
  remove(attachment: Attachment, force: boolean): Promise<void>;
  /**
   * Frees what leases alone tell of, with the configuration that its network has now.
   *
   * @throws NetworkError plugin, storage, busy
   */
  release(unrecorded: Attachment, network: StoredNetwork): Promise<void>;
}

/** Network namespaces of this host, where runtimes and people keep them. */
export interface ContainerNamespaces {
  /**
   * @param nameOrPath a path of a known place, or the name of a namespace there
   * @returns its path; undefined for a name that none has
   * @throws NetworkError invalid
   */
  find(nameOrPath: string): string | undefined;
  /** Whether the namespace of an attachment is there, and is the one that it was made in. @throws NetworkError storage */
  judge(attachment: Attachment): Liveness;
  /**
   * For whoever is about to be connected there.
   *
   * @returns undefined when no namespace is there
   * @throws NetworkError invalid for a namespace of the host's own, and storage
   */
  hold(netns: string): HeldNamespace | undefined;
  /** Names of the links inside. @throws NetworkError invalid */
  links(namespace: HeldNamespace): Promise<ReadonlySet<string>>;
}

/** Places of events, see {@link EventFeed}. */
export interface EventRange {
  readonly from: number;
  /** Behind the last one. */
  readonly to: number;
  /** No later event can be one of them. */
  readonly isOver: boolean;
}

/** Events since the start of the daemon, a bounded number of them. */
export interface EventFeed {
  /** Brings in what others did before the call. @throws NetworkError storage */
  catchUp(): Promise<void>;
  /** The place of the oldest that is kept: they are numbered in order from 0 on. */
  readonly begin: number;
  /** The place that the next one will have. */
  readonly end: number;
  /** Undefined for one that is not kept any more, or has not happened yet. */
  at(place: number): NetworkEvent | undefined;
  /**
   * From the first event at `sinceNs` or later to the last one at `untilNs` or earlier, of those kept. What lies between is among them also where
   * the clock was stepped back in between.
   */
  range(bounds: EventBounds): EventRange;
  /**
   * What others do is looked for as long as somebody is subscribed.
   *
   * @param listener called when there is a later one
   * @param onEnd called when there will be no more, for the daemon stops
   * @returns the end of the subscription
   */
  subscribe(listener: () => void, onEnd: () => void): () => void;
}

export interface EventRecord extends EventFeed {
  /** Never waits for a listener. */
  tell(event: Omit<NetworkEvent, 'timeNs'>): void;
}

/** Where changes that others make are noticed. */
export interface ChangeSource {
  /** Notices what happened before the call. @throws NetworkError storage */
  refresh(): Promise<void>;
  /** Notices without being asked. @returns the end of it */
  follow(): () => void;
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

export interface PluginFinder {
  has(plugin: string): boolean;
}

export interface NetworkSettings {
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  readonly subnetPools: readonly SubnetPool[];
  random(bytes: number): Uint8Array;
}
