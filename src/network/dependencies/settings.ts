import type { SubnetPool } from '../../ip/pools.js';
import type { Cidr } from '../../model/address.js';

export interface NetworkSettings {
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  readonly subnetPools: readonly SubnetPool[];
  random(bytes: number): Uint8Array;
}
