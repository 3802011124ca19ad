import type { SubnetPool } from '../../ip/pools.js';
import type { Cidr } from '../../model/address.js';

export interface NetworkSettings {
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  /** Of both families, in the order of the search. Without one of IPv6, podnetd makes random unique local prefixes. */
  readonly subnetPools: readonly SubnetPool[];
  readonly reserved: readonly ReservedPrefix[];
  /** Whether prefixes of routes, and of DNS servers, are given only when no other one is free. */
  readonly avoidRoutes: boolean;
  readonly avoidDnsServers: boolean;
  random(bytes: number): Uint8Array;
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
