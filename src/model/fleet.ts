import type { Cidr } from './address.js';

/** A prefix that the hosts of a fleet share. Each host owns whole blocks of it, and cuts subnets from its own blocks alone. */
export interface FleetPool {
  readonly base: Cidr;
  /** Length of the blocks. */
  readonly blockBits: number;
  /** Length of the subnets that are cut from a block when a request names none. Hosts may differ in it. */
  readonly prefixBits: number;
}

/** Blocks that a host claims for one subnet at most. */
export const mostBlocksOfSubnet = 16;

/** A block that this host has, by its own file or by its index. */
export interface OwnBlock {
  readonly block: Cidr;
  /** `own`: subnets come from it; `releasing`: it goes back soon, and none comes from it; `lost`: another host has it now. */
  readonly state: 'own' | 'releasing' | 'lost';
  /** Undefined for a block that follows from an index. */
  readonly claimedAt: Date | undefined;
}

/** A network of this host that lies in a block of another one. */
export interface FleetCollision {
  readonly network: string;
  readonly subnet: Cidr;
  readonly block: Cidr;
  /** The name of the host that owns the block. */
  readonly owner: string;
}

/** Why a host is no sound member of its fleet. */
export interface FleetProblem {
  /**
   * `store-unreachable`: the store does not answer; `host-twice`: another machine uses the name of this host; `layout`: the pools of this host
   * contradict those of the fleet; `too-many-blocks`: a network overlaps more blocks than a host claims; `file`: own blocks cannot be written.
   */
  readonly code: 'store-unreachable' | 'host-twice' | 'layout' | 'too-many-blocks' | 'file';
  /** A phrase that names the values. */
  readonly reason: string;
}

/** The store as its last answer, or the lack of one, showed it. */
export interface FleetStoreState {
  readonly isReachable: boolean;
  /** URL without user and password. */
  readonly endpoint: string;
  /** Undefined before the first answer. */
  readonly clusterId: string | undefined;
  /** Undefined where it is reachable. */
  readonly error: string | undefined;
}

/** What a host knows of its fleet without a question to anyone. */
export interface FleetState {
  readonly kind: 'index' | 'store';
  /** The id of this host in the fleet; of an index, its digits. */
  readonly host: string;
  /** For people: the host's own name. */
  readonly name: string;
  /** Undefined for an index. */
  readonly store: FleetStoreState | undefined;
  readonly pools: readonly FleetPool[];
  /** Sorted by the pools, the lowest first. */
  readonly ownBlocks: readonly OwnBlock[];
  readonly collisions: readonly FleetCollision[];
  readonly problems: readonly FleetProblem[];
}

/** How much of a pool is claimed. */
export interface FleetPoolUse extends FleetPool {
  readonly blocks: bigint;
  /** Of all hosts; undefined where the store does not say it. */
  readonly claimed: bigint | undefined;
}

/** A host as the fleet sees it. */
export interface FleetHost {
  readonly host: string;
  readonly name: string;
  /** Whether its heartbeat lives. */
  readonly isAlive: boolean;
  /** Of the last heartbeat that is known. */
  readonly lastSeen: Date | undefined;
  /** Number of its networks; undefined without a heartbeat. */
  readonly networks: number | undefined;
  /** `free` counts subnets of the pool's length; undefined without a heartbeat. */
  readonly blocks: readonly { readonly block: Cidr; readonly free: bigint | undefined }[];
}

/** The whole fleet, as its store shows it; without the store, the own part of it. */
export interface FleetReport extends Omit<FleetState, 'pools'> {
  readonly pools: readonly FleetPoolUse[];
  /** By id. */
  readonly hosts: readonly FleetHost[];
  /** How many hosts the report has no room for. */
  readonly unlistedHosts: number;
}
