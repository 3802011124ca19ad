import { formatAddress, formatCidr } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { deviceName, devicePrefix, maxInterfaceNameBytes, networkId } from '../../model/names.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import type { Taken } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { planSubnets } from './plan-subnets.js';
import { wantsDns, type PluginFacts } from './plugin-facts.js';
import { checkGateways } from './routes.js';
import { findSecondIpv4 } from './second-ipv4.js';
import { keepWithinPlugins } from './within-plugins.js';

export interface CreationPlan {
  readonly network: PlannedNetwork;
  /** Warnings for the client of a network that is made. */
  readonly warnings: readonly string[];
}

/**
 * Decides name, device, subnets and DNS of a new network, from the request, the names and prefixes in use, the settings and the plugins alone.
 *
 * @throws NetworkError exists, exhausted, forbidden, invalid, unsupported
 */
export function planNetwork(
  checked: CheckedRequest,
  taken: Taken,
  settings: NetworkSettings,
  plugins: PluginFacts,
): CreationPlan {
  const { request, warnings: pluginWarnings } = keepWithinPlugins(checked, plugins);
  refuseTakenName(request.name, taken);
  const { name, networkInterface } = nameNetwork(request, taken);
  const { subnets, warnings: addressWarnings } = planSubnets(request, taken, settings);
  checkGateways(request.routes, subnets);
  const warnings = [...pluginWarnings, ...addressWarnings];
  const dnsEnabled = planDns(request, name, plugins.dnsInstalled, warnings);
  if (plugins.problem !== undefined) warnings.push(`containers cannot join network ${name}: ${plugins.problem}`);
  const double = findSecondIpv4(request, subnets);
  if (double !== undefined) {
    const both = [double.first, ...double.others].map(({ cidr }) => formatCidr(cidr)).join(' and ');
    warnings.push(
      `containers cannot join network ${name}: the bridge plugin gives a bridge one gateway of IPv4, and the network has ${both}`,
    );
  }
  if (request.driver === 'bridge' && request.ipamDriver === 'dhcp') {
    warnings.push(
      `network ${name} needs the daemon of the dhcp plugin, and a DHCP server that is plugged into ${networkInterface}: connects fail without`,
    );
  }
  const network: PlannedNetwork = {
    ...request,
    name,
    id: networkId(name),
    networkInterface,
    subnets,
    ipv6Enabled: request.ipv6Enabled || subnets.some((subnet) => subnet.cidr.family === 6),
    dnsEnabled,
    cniVersion: plugins.cniVersion,
  };
  return { network, warnings };
}

function refuseTakenName(name: string, taken: Taken): void {
  if (name === '' || !taken.hasName(name)) return;
  throw new NetworkError(taken.sight.seesNetwork(name) ? 'nameUsed' : 'nameUnavailable', { name });
}

function nameNetwork(request: CheckedRequest, taken: Taken): Pick<PlannedNetwork, 'name' | 'networkInterface'> {
  const { name, networkInterface } = request;
  if (request.driver !== 'bridge') {
    if (networkInterface !== '' && !hasParent(networkInterface, taken)) {
      throw new NetworkError('parentMissing', { parent: networkInterface });
    }
    return { name: name || freeDevice(taken), networkInterface };
  }
  if (networkInterface === '') {
    const device = freeDevice(taken);
    return { name: name || device, networkInterface: device };
  }
  checkBridgeFree(networkInterface, taken);
  return { name: name || freeDevice(taken), networkInterface };
}

/** The bridge of a network that the client does not know of is no parent for it, by any of its names. */
function hasParent(parent: string, taken: Taken): boolean {
  const link = taken.host.linkNamed(parent);
  return taken.host.links.has(parent) && (taken.sight.seesBridge(link) || !taken.hasBridge(link));
}

function freeDevice(taken: Taken): string {
  const device = deviceName(taken.freeDeviceNumber((candidate) => taken.host.links.has(candidate)));
  if (device.length > maxInterfaceNameBytes) throw new NetworkError('bridgeNamesExhausted', { prefix: devicePrefix });
  return device;
}

function checkBridgeFree(bridge: string, taken: Taken): void {
  if (taken.hasBridge(bridge)) throw new NetworkError('bridgeNameUsed', { bridge });
  // A bridge that exists may be joined. DIVERGES: Podman would also take `eth0`, and delete it with the network.
  const linkKind = taken.host.links.get(bridge);
  if (linkKind === undefined || linkKind === 'bridge') return;
  // The kind of a link has its other names.
  if (!taken.sight.seesHost) throw new NetworkError('bridgeNameUsed', { bridge });
  throw new NetworkError('bridgeNameTaken', { bridge, linkKind });
}

function planDns(request: CheckedRequest, name: string, dnsInstalled: boolean, warnings: string[]): boolean {
  if (!wantsDns(request)) return false;
  if (request.internal) {
    warnings.push(`dnsname and internal networks are incompatible: dnsname plugin not configured for network ${name}`);
    return false;
  }
  if (!dnsInstalled) {
    warnings.push(`dnsname plugin not found: containers on network ${name} cannot resolve each other by name`);
  } else if (request.dnsServers.length > 0) {
    warnings.push(warnOfDnsOrder(name, request.dnsServers));
  }
  return dnsInstalled;
}

/** The warning of a network with DNS and DNS servers of its own. */
export function warnOfDnsOrder(name: string, dnsServers: readonly Address[]): string {
  const servers = dnsServers.map(formatAddress).join(', ');
  return `containers on network ${name} ask the dnsname plugin first, which asks the DNS servers of this host, and ${servers} only when it does not answer: disable DNS to have them asked first`;
}
