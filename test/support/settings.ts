import { defaultSubnetPools } from '../../src/ip/pools.js';
import type { NetworkSettings } from '../../src/network/dependencies/settings.js';
import { cidr } from './addresses.js';

/** Settings as without a file of them; random bytes are zeros. */
export function makeSettings(given: Partial<NetworkSettings> = {}): NetworkSettings {
  return {
    defaultNetwork: 'podman',
    defaultSubnet: cidr('10.88.0.0/16'),
    subnetPools: defaultSubnetPools,
    reserved: [],
    avoidRoutes: true,
    avoidDnsServers: true,
    random: (bytes) => new Uint8Array(bytes),
    ...given,
  };
}
