import type { FleetPool } from '../model/fleet.js';
import type { SubnetPool } from '../ip/pools.js';

/** Where the store of a fleet is, and how podnetd shows who it is there. Files are absolute paths, and are read when podnetd connects. */
export interface FleetStoreSettings {
  /** Origins of URLs, such as `https://etcd1:2379`, one or more; tried in this order, and later ones where an earlier one fails. */
  readonly endpoints: readonly string[];
  /** Certificates of the authorities that podnetd trusts instead of Node's own. */
  readonly ca?: string;
  /** Certificate of podnetd, and its key; both or none. */
  readonly cert?: string;
  readonly key?: string;
  /** Both or none. */
  readonly user?: string;
  readonly passwordFile?: string;
  /** What all keys begin with, without a slash at its end. */
  readonly prefix: string;
}

/** How this host gets the blocks of its fleet's pools. */
export type FleetSettings =
  | { readonly kind: 'index'; readonly pools: readonly FleetPool[]; readonly hostIndex: number }
  | {
      readonly kind: 'store';
      readonly pools: readonly FleetPool[];
      /** The id of this host in the fleet; it is a part of keys. */
      readonly host: string;
      /** Absolute path of the file of own blocks. */
      readonly stateFile: string;
      readonly store: FleetStoreSettings;
    };

/**
 * The fleet that is in force after a reload: pools and index of a host that has a number may change at once. Blocks that a host claims are bound to
 * its store and files, which wait for a restart, and so does the change between the two kinds.
 */
export function fleetAfterReload(
  inForce: FleetSettings | undefined,
  read: FleetSettings | undefined,
): FleetSettings | undefined {
  return inForce?.kind === 'index' && read?.kind === 'index' ? read : inForce;
}

/** The pools of a host beside those of its fleet, which has the families that it has a pool of for itself. */
export function poolsBesides(fleet: FleetSettings | undefined, pools: readonly SubnetPool[]): readonly SubnetPool[] {
  return pools.filter((pool) => fleet?.pools.some(({ base }) => base.family === pool.base.family) !== true);
}
