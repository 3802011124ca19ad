import { firstFreeInPools, randomUla } from '../../ip/allocate.js';
import { firstAddress, formatCidr } from '../../ip/cidr.js';
import { blocksIn } from '../../ip/pools.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr, Family } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { deviceName, devicePrefix, maxInterfaceNameBytes, networkId } from '../../model/names.js';
import type { PlannedNetwork, Subnet } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import { refuseUsed, type TakenPrefixes } from './collisions.js';
import { isLeasable } from './lease-ranges.js';
import type { Taken } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';

export interface CreationPlan {
  readonly network: PlannedNetwork;
  /** Warnings for the client of a network that is made. */
  readonly warnings: readonly string[];
}

/**
 * Decides name, device, subnets and DNS of a new network, from the request, the names and prefixes in use, and the settings alone.
 *
 * @param dnsInstalled whether the dnsname plugin is installed
 * @throws NetworkError exists, exhausted, invalid
 */
export function planNetwork(
  request: CheckedRequest,
  taken: Taken & TakenPrefixes,
  settings: NetworkSettings,
  dnsInstalled: boolean,
): CreationPlan {
  const warnings: string[] = [];
  if (request.name !== '' && taken.hasName(request.name)) throw new NetworkError('nameUsed', { name: request.name });
  const { name, networkInterface } = nameNetwork(request, taken);
  const subnets = planSubnets(request, taken, settings, warnings);
  const dnsEnabled = planDns(request, name, dnsInstalled, warnings);
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
  };
  return { network, warnings };
}

function nameNetwork(request: CheckedRequest, taken: Taken): Pick<PlannedNetwork, 'name' | 'networkInterface'> {
  const { name, networkInterface } = request;
  if (request.driver !== 'bridge') {
    if (networkInterface !== '' && !taken.host.links.has(networkInterface)) {
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

function freeDevice(taken: Taken): string {
  const device = deviceName(taken.freeDeviceNumber((candidate) => taken.host.links.has(candidate)));
  if (device.length > maxInterfaceNameBytes) throw new NetworkError('bridgeNamesExhausted', { prefix: devicePrefix });
  return device;
}

function checkBridgeFree(bridge: string, taken: Taken): void {
  if (taken.hasBridge(bridge)) throw new NetworkError('bridgeNameUsed', { bridge });
  // A bridge that exists may be joined. DIVERGES: Podman would also take `eth0`, and delete it with the network.
  const linkKind = taken.host.links.get(bridge);
  if (linkKind !== undefined && linkKind !== 'bridge') throw new NetworkError('bridgeNameTaken', { bridge, linkKind });
}

function planSubnets(
  request: CheckedRequest,
  taken: Taken & TakenPrefixes,
  settings: NetworkSettings,
  warnings: string[],
): readonly Subnet[] {
  for (const { cidr } of request.subnets) refuseUsed(cidr, request, taken);
  if (request.driver !== 'bridge' || request.ipamDriver !== 'host-local') return request.subnets;
  const subnets = [...request.subnets];
  const hasFamily = (family: Family) => subnets.some((subnet) => subnet.cidr.family === family);
  const add = (cidr: Cidr) =>
    subnets.push({
      cidr,
      gateway: request.internal ? undefined : firstAddress(cidr),
      leaseStart: undefined,
      leaseEnd: undefined,
      reserved: new Map(),
    });
  const needsIpv4 = subnets.length === 0 || (request.ipv6Enabled && !hasFamily(4));
  if (request.ipv4Enabled && needsIpv4) add(freeIpv4(taken, settings, warnings));
  if (request.ipv6Enabled && !hasFamily(6)) add(freeIpv6(taken, settings));
  return subnets;
}

function freeIpv4(taken: Taken, settings: NetworkSettings, warnings: string[]): Cidr {
  const pools = settings.subnetPools.filter(({ base: { family }, prefixBits }) => isLeasable({ family, prefixBits }));
  const hard: readonly PrefixSet[] = [taken.used, taken.host.addresses];
  const free = firstFreeInPools(pools, [...hard, taken.host.routes]);
  if (free !== undefined) return free;
  const routed = firstFreeInPools(pools, hard);
  if (routed === undefined) {
    throw new NetworkError('subnetsExhausted', {
      pools: pools.map((pool) => ({
        base: formatCidr(pool.base),
        prefixBits: pool.prefixBits,
        blocks: blocksIn(pool),
      })),
    });
  }
  const route = taken.host.routes.overlapping(routed);
  const link = route && taken.host.linkOfRoute(route);
  warnings.push(
    `subnet ${formatCidr(routed)} overlaps the route ${route ? formatCidr(route) : ''}${link === undefined ? '' : ` through ${link}`} of this host: every other subnet of the pools is in use`,
  );
  return routed;
}

function freeIpv6(taken: Taken, settings: NetworkSettings): Cidr {
  const sets = [taken.used, taken.host.addresses, taken.host.routes];
  const free = randomUla((bytes) => settings.random(bytes), sets);
  if (free === undefined) throw new NetworkError('ulaExhausted', {});
  return free;
}

/** The dnsname plugin serves bridges only; source: containers/common libnetwork/cni/config.go@v0.50.1. */
function planDns(request: CheckedRequest, name: string, dnsInstalled: boolean, warnings: string[]): boolean {
  if (!request.dnsEnabled || request.driver !== 'bridge' || request.ipamDriver === 'none') return false;
  if (request.internal) {
    warnings.push(`dnsname and internal networks are incompatible: dnsname plugin not configured for network ${name}`);
    return false;
  }
  if (!dnsInstalled) {
    warnings.push(`dnsname plugin not found: containers on network ${name} cannot resolve each other by name`);
  }
  return dnsInstalled;
}
