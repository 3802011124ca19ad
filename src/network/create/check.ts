import {
  compareAddresses,
  contains,
  firstAddress,
  formatAddress,
  formatCidr,
  isMulticast,
  unusableRole,
} from '../../ip/cidr.js';
import { clipToUsable } from '../../ip/lease-range.js';
import { findOverlapping } from '../../ip/overlaps.js';
import { formatSize, formatWanted, isPrefix, isSubnet } from '../../ip/prefix-size.js';
import type { Address, Cidr, PrefixSize } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { checkBridgeName, checkNetworkName } from '../../model/names.js';
import type { Driver, IpamDriver, LinkOptions, Subnet } from '../../model/network.js';
import type { CheckedRequest, NetworkRequest, SubnetRequest } from '../../model/request.js';
import { readAllowReserved } from './allow-reserved.js';
import { checkLeases, checkLength } from './lease-ranges.js';
import { parseOptions } from './options.js';
import { checkReserved, checkReservedCount } from './reserved.js';
import { checkRoutes } from './routes.js';

/**
 * Checks a request by itself, before it waits for a lock.
 *
 * source: containers/common libnetwork/cni/config.go and internal/util/validate.go@v0.50.1
 *
 * @throws NetworkError invalid, unsupported
 */
export function checkRequest(request: NetworkRequest): CheckedRequest {
  if (request.name !== '') checkNetworkName(request.name);
  const driver = checkDriver(request.driver);
  if (driver === 'bridge' && request.networkInterface !== '') checkBridgeName(request.networkInterface);
  const ipamDriver = chooseIpamDriver(request, driver);
  checkReservedCount(request.subnets);
  const subnets = request.subnets.map((subnet) => checkSubnet(subnet, request.internal));
  refuseOverlaps(subnets.filter(isSubnet).map((subnet) => subnet.cidr));
  if (!request.ipv4Enabled) checkWithoutIpv4(request, ipamDriver);
  const link = { ...parseOptions(request.options, driver), masquerade: request.masquerade };
  checkDefaultRoute(link, ipamDriver);
  checkRoutes(request.routes, { defaultRoute: link.defaultRoute && !request.internal });
  return { ...request, driver, ipamDriver, subnets, link, allowReserved: readAllowReserved(request.options) };
}

/** Another IPAM plugin chooses its routes itself. @throws NetworkError unsupported */
export function checkDefaultRoute(
  { defaultRoute, metric }: Pick<LinkOptions, 'defaultRoute' | 'metric'>,
  ipamDriver: string,
): void {
  if (ipamDriver === 'host-local') return;
  if (!defaultRoute) throw new NetworkError('optionNeedsHostLocal', { option: 'no_default_route', ipamDriver });
  if (metric > 0) throw new NetworkError('optionNeedsHostLocal', { option: 'metric', ipamDriver });
}

function checkWithoutIpv4({ subnets, ipv6Enabled }: NetworkRequest, ipamDriver: IpamDriver): void {
  const ipv4 = subnets.find(({ prefix }) => prefix.family === 4);
  if (ipv4 !== undefined) throw new NetworkError('subnetFamilyDisabled', { subnet: formatWanted(ipv4.prefix) });
  if (!ipv6Enabled && subnets.length === 0) throw new NetworkError('familiesDisabled', {});
  if (ipamDriver === 'dhcp') throw new NetworkError('ipamDhcpNeedsIpv4', {});
}

function checkDriver(driver: string): Driver {
  if (driver === '' || driver === 'bridge') return 'bridge';
  if (driver === 'macvlan' || driver === 'ipvlan') return driver;
  throw new NetworkError('driverUnsupported', { driver, known: ['bridge', 'macvlan', 'ipvlan'] });
}

function chooseIpamDriver(request: NetworkRequest, driver: Driver): IpamDriver {
  const hasSubnets = request.subnets.length > 0;
  const given = request.ipamDriver;
  if (given === 'dhcp' || given === 'none') {
    if (hasSubnets) throw new NetworkError('ipamDriverWithSubnets', { driver: given });
  } else if (given !== '' && given !== 'host-local') {
    throw new NetworkError('ipamDriverUnsupported', { driver: given });
  }
  if (driver === 'bridge') return given === '' ? 'host-local' : given;
  if (given === 'host-local' && !hasSubnets) throw new NetworkError('ipamHostLocalWithoutSubnets', {});
  const chosen = given !== '' ? given : hasSubnets ? 'host-local' : 'dhcp';
  if (chosen === 'dhcp' && request.internal) throw new NetworkError('ipamDhcpInternal', {});
  return chosen;
}

/** @throws NetworkError invalid */
export function checkSubnet(request: SubnetRequest, internal: boolean): Subnet | PrefixSize {
  const { prefix: cidr, gateway, leaseStart, leaseEnd, reserved } = request;
  const subnet = formatWanted(cidr);
  if (cidr.prefixBits === 0) throw new NetworkError('subnetZero', { subnet });
  if (!isPrefix(cidr)) return checkSize(cidr, request);
  if (isMulticast(cidr)) throw new NetworkError('subnetMulticast', { subnet });
  if (gateway !== undefined) checkGateway(gateway, cidr);
  if (leaseStart !== undefined && !contains(cidr, leaseStart)) {
    throw new NetworkError('leaseStartOutside', { address: formatAddress(leaseStart), subnet });
  }
  if (leaseEnd !== undefined && !contains(cidr, leaseEnd)) {
    throw new NetworkError('leaseEndOutside', { address: formatAddress(leaseEnd), subnet });
  }
  if (leaseStart !== undefined && leaseEnd !== undefined && compareAddresses(leaseStart, leaseEnd) > 0) {
    throw new NetworkError('leaseReversed', { start: formatAddress(leaseStart), end: formatAddress(leaseEnd) });
  }
  const checked = {
    cidr,
    gateway: gateway ?? (internal ? undefined : firstAddress(cidr)),
    leaseStart: leaseStart && clipToUsable(leaseStart, cidr),
    leaseEnd: leaseEnd && clipToUsable(leaseEnd, cidr),
    reserved,
  };
  checkReserved(checked);
  checkLeases(checked);
  return checked;
}

/** The addresses of a subnet are known when its prefix is. */
function checkSize(size: PrefixSize, { gateway, leaseStart, leaseEnd, reserved }: SubnetRequest): PrefixSize {
  const subnet = formatSize(size);
  const given = { gateway, 'lease range start': leaseStart, 'lease range end': leaseEnd };
  for (const [member, address] of [...Object.entries(given), ...reserved]) {
    if (address !== undefined)
      throw new NetworkError('sizeWithAddress', { subnet, member, address: formatAddress(address) });
  }
  checkLength(size, subnet);
  return size;
}

function checkGateway(gateway: Address, cidr: Cidr): void {
  const details = { gateway: formatAddress(gateway), subnet: formatCidr(cidr) };
  if (!contains(cidr, gateway)) throw new NetworkError('gatewayOutside', details);
  const role = unusableRole(gateway, cidr);
  if (role !== undefined) throw new NetworkError('gatewayUnusable', { ...details, role });
}

/** DIVERGES: Podman takes two overlapping subnets in one request. */
export function refuseOverlaps(cidrs: readonly Cidr[]): void {
  const [other, subnet] = findOverlapping(cidrs) ?? [];
  if (other === undefined || subnet === undefined) return;
  throw new NetworkError('subnetsOverlap', { subnet: formatCidr(subnet), other: formatCidr(other) });
}
