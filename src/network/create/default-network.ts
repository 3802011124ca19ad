import { firstAddress } from '../../ip/cidr.js';
import { deviceName, networkId } from '../../model/names.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { NetworkSettings } from '../dependencies/settings.js';

/**
 * The default network, which needs no file. podnetd does not check it against prefixes in use, because its own bridge may be up.
 *
 * source: containers/common libnetwork/cni/network.go@v0.50.1 createDefaultNetwork
 */
export function planDefaultNetwork({
  defaultNetwork,
  defaultSubnet,
}: Pick<NetworkSettings, 'defaultNetwork' | 'defaultSubnet'>): PlannedNetwork {
  return {
    name: defaultNetwork,
    id: networkId(defaultNetwork),
    driver: 'bridge',
    networkInterface: deviceName(0),
    subnets: [
      {
        cidr: defaultSubnet,
        gateway: firstAddress(defaultSubnet),
        leaseStart: undefined,
        leaseEnd: undefined,
        reserved: new Map(),
      },
    ],
    ipv6Enabled: defaultSubnet.family === 6,
    internal: false,
    dnsEnabled: false,
    dnsServers: [],
    routes: [],
    labels: new Map(),
    options: new Map(),
    ipamDriver: 'host-local',
    docker: undefined,
    link: {
      mtu: 0,
      vlan: 0,
      mode: '',
      isolate: false,
      masquerade: true,
      interContainer: true,
      defaultRoute: true,
      metric: 0,
    },
    form: 'podman4',
    cniVersion: '0.4.0',
  };
}
