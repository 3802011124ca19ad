import { formatAddress, formatCidr, parseAddress } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { refuseReservedName } from '../../model/names.js';
import type { Network, StringMap, Subnet } from '../../model/network.js';
import type { NetworkRequest, SubnetRequest } from '../../model/request.js';
import { readAddress, readPrefix, readStrings, writeStrings } from '../fields.js';
import { formatGoTime, isGoTime } from '../go/go-time.js';
import type { V4CreateBody, V4Network, V4Subnet } from './schemas.js';
import { readRoute, writeRoute } from './static-routes.js';

/**
 * source: podman pkg/api/handlers/libpod/networks.go, pkg/domain/infra/abi/network.go@v4.3.1
 *
 * @throws NetworkError invalid, forbidden, unsupported
 */
export function readCreateBody(body: V4CreateBody): NetworkRequest {
  if (body.created !== undefined && !isGoTime(body.created)) {
    const reason = `parsing time "${body.created}" as "2006-01-02T15:04:05Z07:00": cannot parse`;
    throw new NetworkError('bodyInvalid', { reason });
  }
  const subnets = (body.subnets ?? []).map(readSubnet);
  const name = body.name ?? '';
  refuseReservedName(name);
  if ((body.id ?? '') !== '') throw new NetworkError('idGiven', { id: body.id ?? '' });
  const dnsServers = readDnsServers(body.network_dns_servers ?? []);
  const routes = (body.routes ?? []).map(readRoute);
  return {
    name,
    driver: body.driver ?? '',
    networkInterface: body.network_interface ?? '',
    subnets,
    ipv4Enabled: true,
    ipv6Enabled: body.ipv6_enabled ?? false,
    internal: body.internal ?? false,
    dnsEnabled: body.dns_enabled ?? false,
    dnsServers,
    routes,
    masquerade: true,
    labels: readStrings(body.labels),
    options: readStrings(body.options),
    ipamDriver: readIpamDriver(readStrings(body.ipam_options)),
    docker: undefined,
    form: 'podman4',
  };
}

/**
 * Each server once, as Podman keeps them when it updates a network. DIVERGES: Podman with CNI refuses all of them; with netavark, those of a
 * network without DNS, whose containers ask them directly here.
 *
 * source: containers/common libnetwork/netavark/config.go@v0.62.2 networkCreate, sliceRemoveDuplicates
 */
export function readDnsServers(texts: readonly string[]): readonly Address[] {
  return eachOnce(
    texts.map((text) => {
      const address = parseAddress(text);
      if (address === undefined) throw new NetworkError('dnsServerInvalid', { text });
      return address;
    }),
  );
}

/** Each address once, where it stands first. */
export function eachOnce(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}

/** DIVERGES: Podman takes any other key and forgets it. */
function readIpamDriver(options: StringMap): string {
  for (const option of options.keys()) {
    if (option !== 'driver') throw new NetworkError('ipamOptionUnsupported', { option });
  }
  return options.get('driver') ?? '';
}

export function readSubnet({ subnet = '', gateway, lease_range: lease }: V4Subnet, index: number): SubnetRequest {
  if (subnet === '') throw new NetworkError('subnetMissing', { place: `subnets[${index}]` });
  return {
    prefix: readPrefix('subnet', subnet),
    gateway: readAddress('gateway', gateway),
    leaseStart: readAddress('start_ip', lease?.start_ip),
    leaseEnd: readAddress('end_ip', lease?.end_ip),
    reserved: new Map(),
  };
}

export function writeNetwork(network: Network): V4Network {
  return {
    name: network.name,
    id: network.id,
    driver: network.driver,
    ...(network.networkInterface !== '' && { network_interface: network.networkInterface }),
    created: formatGoTime(network.createdNs),
    ...(network.subnets.length > 0 && { subnets: network.subnets.map(writeSubnet) }),
    ...(network.routes.length > 0 && { routes: network.routes.map(writeRoute) }),
    ipv6_enabled: network.ipv6Enabled,
    internal: network.internal,
    dns_enabled: network.dnsEnabled,
    ...(network.dnsServers.length > 0 && { network_dns_servers: network.dnsServers.map(formatAddress) }),
    ...(network.labels.size > 0 && { labels: writeStrings(network.labels) }),
    ...(network.options.size > 0 && { options: writeStrings(network.options) }),
    ...(network.ipamDriver !== undefined && { ipam_options: { driver: network.ipamDriver } }),
  };
}

function writeSubnet({ cidr, gateway, leaseStart, leaseEnd }: Subnet): NonNullable<V4Network['subnets']>[number] {
  const lease = {
    ...(leaseStart && { start_ip: formatAddress(leaseStart) }),
    ...(leaseEnd && { end_ip: formatAddress(leaseEnd) }),
  };
  return {
    subnet: formatCidr(cidr),
    ...(gateway && { gateway: formatAddress(gateway) }),
    ...((leaseStart ?? leaseEnd) && { lease_range: lease }),
  };
}
