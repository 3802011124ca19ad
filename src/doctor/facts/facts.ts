import type { ProcessId } from '../../host/programs/process-identity.js';
import type { Address, Cidr } from '../../model/address.js';
import type { Attachment, Liveness } from '../../model/attachment.js';
import type { FleetState } from '../../model/fleet.js';
import type { JsonObject } from '../../model/json-object.js';
import type { WrittenWork } from '../../network/dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../../network/dependencies/stored-network.js';

/** All that the checks know of a host, as of one look. */
export interface Facts {
  readonly folder: FolderFacts;
  readonly plugins: PluginFacts;
  /** Tables of the namespace that has the bridges; undefined for a user who has none. */
  readonly kernel: KernelFacts | undefined;
  readonly rules: readonly Rule[];
  readonly attachments: AttachmentFacts;
  /** Servers of the plugin dnsname in the namespace that has the bridges. */
  readonly dnsmasqs: readonly DnsmasqProcess[];
  readonly pools: readonly PoolFacts[];
  /** A lock of the lane that another process has kept for longer than a change takes. */
  readonly heldLock: { readonly path: string; readonly holder: string; readonly heldMs: number } | undefined;
  /** Undefined for root. */
  readonly user: UserFacts | undefined;
  /** Networks of a Podman that keeps them elsewhere; undefined where there are none. */
  readonly netavark: { readonly folder: string; readonly networks: readonly string[] } | undefined;
  readonly outputs: readonly OutputFacts[];
  readonly fleet: FleetFacts;
}

export interface FolderFacts {
  readonly path: string;
  readonly networks: readonly NetworkFacts[];
  readonly problems: readonly (FileProblem & {
    /** Whether the file is a good network whose name another file has. */
    readonly isClash: boolean;
  })[];
  /** Absolute paths of temporary files that are older than a change takes. */
  readonly leftovers: readonly string[];
}

export interface NetworkFacts {
  readonly name: string;
  readonly stored: StoredNetwork;
  /** The plugins of the chain, and those that they run. */
  readonly plugins: readonly JsonObject[];
  /** Types of these, and of their IPAM plugins. */
  readonly types: readonly string[];
  readonly cniVersion: string;
  readonly prefixes: readonly Cidr[];
  readonly bridges: readonly string[];
}

export interface PluginFacts {
  readonly folders: readonly string[];
  /** By type. */
  readonly known: ReadonlyMap<string, PluginFile>;
  /** Networks whose plugin refuses STATUS. */
  readonly refusals: readonly { readonly network: string; readonly plugin: string; readonly reason: string }[];
}

export interface PluginFile {
  /** Undefined when no folder has it. */
  readonly path: string | undefined;
  /** Versions of CNI; empty when the plugin does not report them. */
  readonly versions: readonly string[];
}

export interface KernelFacts {
  readonly links: readonly LinkFacts[];
  readonly routes: readonly RouteFacts[];
  /** Settings of sysctl by name, such as `net.ipv4.ip_forward`; those that the kernel does not have are absent. */
  readonly settings: ReadonlyMap<string, string>;
}

export interface LinkFacts {
  readonly name: string;
  readonly kind: string;
  /** The link that it is plugged into. */
  readonly master: string | undefined;
  readonly addresses: readonly LinkAddress[];
  /** Whether a file of the folder names it as a bridge, also a file that is no network. */
  readonly isNamed: boolean;
}

export interface LinkAddress {
  readonly address: Address;
  readonly prefix: Cidr;
}

export interface RouteFacts {
  readonly prefix: Cidr;
  /** Undefined for a route that leads through none. */
  readonly link: string | undefined;
}

/** A rule of iptables. */
export interface Rule {
  readonly backend: 'nft' | 'legacy';
  readonly family: 4 | 6;
  readonly table: string;
  /** As `iptables-save` prints it: `-A CHAIN …`. */
  readonly text: string;
}

export interface AttachmentFacts {
  readonly recorded: readonly RecordedAttachment[];
  /** Attachments that leases alone record, and whose containers are dead. */
  readonly leased: readonly Attachment[];
  readonly intents: readonly IntentFacts[];
  /** Keys of containers (see `key.container`) that rules name, and that live by their namespace or their processes. */
  readonly living: ReadonlySet<string>;
  /** Addresses that are leased to any container, and those of living attachments. */
  readonly addresses: readonly Address[];
}

export interface RecordedAttachment {
  readonly attachment: Attachment;
  readonly liveness: Liveness;
  /** Links of the host that its plugins reported; undefined where the record does not say. */
  readonly hostLinks: readonly string[] | undefined;
}

export interface IntentFacts {
  readonly work: WrittenWork;
  /** Whether a process is at work on it. */
  readonly isHeld: boolean;
  /** Links of the host that plugins have reported so far. */
  readonly hostLinks: readonly string[];
}

export interface DnsmasqProcess {
  readonly process: ProcessId;
  readonly network: string;
  /** The link that it serves; undefined where its configuration is gone. */
  readonly link: string | undefined;
}

export interface PoolFacts {
  readonly base: Cidr;
  readonly prefixBits: number;
  readonly total: bigint;
  readonly free: bigint;
}

export interface UserFacts {
  /** Whether the record of a namespace is there. */
  readonly hasState: boolean;
  /** Whether the process that keeps it lives. */
  readonly isKept: boolean;
  /** Whether slirp4netns connects it to the outside. */
  readonly isPlugged: boolean;
  /** Why no user namespace with subordinate ids can be made; undefined when it can, or when one is there. */
  readonly lack: { readonly need: string; readonly reason: string; readonly remedy: string } | undefined;
}

/** This host in its fleet; empty for a host that is alone. */
export interface FleetFacts extends Pick<FleetState, 'collisions' | 'problems'> {
  /** Own blocks, to which podnetd adds by itself; none of an index. */
  readonly growing: readonly Cidr[];
  /** Whether a number says which blocks this host has. */
  readonly isIndex: boolean;
}

/** A file that podnetd writes lines to. */
export interface OutputFacts {
  readonly name: string;
  readonly reason: string;
}
