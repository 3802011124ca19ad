import type { GoValue } from '../../../model/go/json.js';
import type { PlannedNetwork } from '../../../model/network.js';
import { buildIpam, ipsCapability } from './host-local.js';

export function buildBridge(network: PlannedNetwork): GoValue {
  return {
    type: 'bridge',
    bridge: network.networkInterface,
    isGateway: !network.internal,
    ipMasq: network.internal || !network.link.masquerade ? undefined : true,
    mtu: network.link.mtu || undefined,
    hairpinMode: true,
    vlan: network.link.vlan || undefined,
    ipam: buildIpam(network),
    capabilities: ipsCapability(network),
  };
}
