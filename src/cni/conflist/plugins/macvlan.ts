import type { GoValue } from '../../../model/go/json.js';
import type { PlannedNetwork } from '../../../model/network.js';
import { buildIpam, ipsCapability } from './host-local.js';

/** macvlan and ipvlan take the same keys; without a master the plugin uses the device of the default route. */
export function buildMacvlan(network: PlannedNetwork): GoValue {
  return {
    type: network.driver,
    master: network.networkInterface,
    ipam: buildIpam(network),
    mtu: network.link.mtu || undefined,
    mode: network.link.mode || undefined,
    capabilities: ipsCapability(network),
  };
}
