import type { FleetPool } from '../model/fleet.js';

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
