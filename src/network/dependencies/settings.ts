import type { SubnetPool } from '../../ip/pools.js';
import type { Cidr } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';

export interface NetworkSettings {
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  /**
   * Of both families, in the order of the search; of a family that the fleet has a pool of, the own blocks alone. Without a pool of IPv6 here and in
   * the fleet, podnetd makes random unique local prefixes.
   */
  readonly subnetPools: readonly SubnetPool[];
  /** Undefined for a host that is alone. */
  readonly fleet?: FleetInForce;
  readonly reserved: readonly ReservedPrefix[];
  /** Whether prefixes of routes, and of DNS servers, are given only when no other one is free. */
  readonly avoidRoutes: boolean;
  readonly avoidDnsServers: boolean;
  random(bytes: number): Uint8Array;
}

/** The pools of a fleet, and which of their blocks are this host's. */
export interface FleetInForce {
  readonly pools: readonly FleetPool[];
  readonly own: readonly Cidr[];
  /** The number of this host where that alone decides about its blocks; undefined where a host claims them. */
  readonly hostIndex: number | undefined;
}

/** The settings in force. A decision reads them once, when it begins, because they may be others the next moment. */
export interface SettingsSource {
  readonly current: NetworkSettings;
}

/** A prefix that no network gets, unless its request names a subnet there and allows it. */
export interface ReservedPrefix {
  readonly prefix: Cidr;
  /** The administrator's own words. */
  readonly reason: string;
}
