import { formatAddress, formatCidr } from '../../ip/cidr.js';
import { prefixOfRange } from '../../ip/lease-range.js';
import type { Address } from '../../model/address.js';
import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors.js';
import { refuseReservedName } from '../../model/names.js';
import type { Network, ReservedAddresses, StringMap, Subnet } from '../../model/network.js';
import type { NetworkRequest, SubnetRequest } from '../../model/request.js';
import { isVersionBefore } from '../address.js';
import { leasesOf, readAddress, readCidr, readStrings, writeStrings } from '../fields.js';
import { formatGoTime } from '../go-time.js';
import { writeContainers } from './containers.js';
import { readDriverOptions } from './driver-options.js';
import type { CompatCreateBody, CompatNetwork } from './schemas.js';

type CompatPool = NonNullable<NonNullable<CompatCreateBody['IPAM']>['Config']>[number];

export interface CompatRequest {
  readonly request: NetworkRequest;
  readonly warnings: readonly string[];
}

/** @throws NetworkError invalid, forbidden, unsupported */
export function readCreateBody(body: CompatCreateBody): CompatRequest {
  const name = body.Name ?? '';
  refuseReservedName(name);
  refuseForeignFeatures(body);
  const driver = body.Driver || 'bridge';
  const docker = { options: readStrings(body.Options), ipamOptions: readStrings(body.IPAM?.Options) };
  const { options, networkInterface, masquerade, warnings, ...families } = readDriverOptions(docker.options, driver);
  const pools = body.IPAM?.Config ?? [];
  return {
    request: {
      name,
      driver,
      networkInterface,
      subnets: pools.map(readPool),
      ipv4Enabled: body.EnableIPv4 ?? families.ipv4Enabled ?? true,
      ipv6Enabled: body.EnableIPv6 ?? families.ipv6Enabled ?? false,
      internal: body.Internal ?? false,
      dnsEnabled: driver === 'bridge',
      masquerade,
      labels: readStrings(body.Labels),
      options,
      ipamDriver: readIpamDriver(body.IPAM?.Driver ?? ''),
      docker,
      form: 'podman4',
    },
    warnings,
  };
}

/** Docker's words for IPAM drivers beside the plugins' own. */
function readIpamDriver(driver: string): string {
  const own: Readonly<Record<string, string>> = { default: '', null: 'none' };
  return Object.hasOwn(own, driver) ? (own[driver] ?? '') : driver;
}

/** DIVERGES: Podman makes an ordinary network of these. */
function refuseForeignFeatures(body: CompatCreateBody): void {
  const refuse = (feature: string, value: string) => {
    throw new NetworkError('featureUnsupported', { feature, value });
  };
  const scope = body.Scope ?? '';
  if (scope !== '' && scope !== 'local') refuse('Scope', scope);
  if (body.Ingress === true) refuse('Ingress', 'true');
  if (body.ConfigOnly === true) refuse('ConfigOnly', 'true');
  const template = body.ConfigFrom?.Network ?? '';
  if (template !== '') refuse('ConfigFrom', template);
}

/** @throws NetworkError invalid */
function readPool(pool: CompatPool): SubnetRequest {
  const { Subnet: subnet = '', IPRange: range = '', Gateway: gateway, AuxiliaryAddresses: auxiliary = {} } = pool;
  if (subnet === '') throw new NetworkError('subnetMissing', {});
  return {
    cidr: readCidr('subnet', subnet),
    gateway: readAddress('gateway ip', gateway),
    ...leasesOf(range === '' ? undefined : readCidr('ip range', range)),
    reserved: readAuxiliary(auxiliary),
  };
}

/** @throws NetworkError invalid */
function readAuxiliary(addresses: Readonly<Record<string, string>>): ReservedAddresses {
  const reserved = new Map<string, Address>();
  for (const [host, text] of Object.entries(addresses)) {
    const address = readAddress(`auxiliary address of ${host}`, text);
    // An empty one reserves nothing, as for Docker.
    if (address !== undefined) reserved.set(host, address);
  }
  return reserved;
}

/**
 * @param name as the client shall see it
 * @param version of the API that the client speaks
 */
export function writeNetwork(
  network: Network,
  name: string,
  version: string | undefined,
  attachments: readonly Attachment[],
): CompatNetwork {
  return {
    Name: name,
    Id: network.id,
    Created: formatGoTime(network.createdNs),
    Scope: 'local',
    Driver: network.driver,
    ...(knowsEnableIpv4(version) && { EnableIPv4: hasIpv4(network) }),
    EnableIPv6: network.ipv6Enabled,
    IPAM: {
      Driver: network.ipamDriver === 'host-local' ? 'default' : (network.ipamDriver ?? ''),
      Options: writeStrings(network.docker?.ipamOptions ?? new Map()),
      Config: network.subnets.map(writePool),
    },
    Internal: network.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: writeContainers(attachments),
    Options: writeStrings(network.docker?.options ?? withoutIsolate(network.options)),
    Labels: writeStrings(network.labels),
  };
}

/** source: moby docs/api/version-history.md@v28, 1.28 */
export function listsContainers(version: string | undefined): boolean {
  return version !== undefined && isVersionBefore(version, 1, 28);
}

/** source: moby docs/api/version-history.md@v28, 1.48 */
export function knowsEnableIpv4(version: string | undefined): boolean {
  return version !== undefined && !isVersionBefore(version, 1, 48);
}

/** Addresses that no subnet tells of (DHCP) are IPv4 ones. */
function hasIpv4({ subnets }: Network): boolean {
  return subnets.length === 0 || subnets.some(({ cidr }) => cidr.family === 4);
}

function writePool({ cidr, gateway, leaseStart, leaseEnd, reserved }: Subnet): CompatNetwork['IPAM']['Config'][number] {
  const range = leaseStart && leaseEnd && prefixOfRange(leaseStart, leaseEnd, cidr);
  return {
    Subnet: formatCidr(cidr),
    ...(range && { IPRange: formatCidr(range) }),
    ...(gateway && { Gateway: formatAddress(gateway) }),
    ...(reserved.size > 0 && { AuxiliaryAddresses: writeAuxiliary(reserved) }),
  };
}

function writeAuxiliary(reserved: ReservedAddresses): Record<string, string> {
  return writeStrings(new Map([...reserved].map(([host, address]) => [host, formatAddress(address)])));
}

function withoutIsolate(options: StringMap): StringMap {
  return new Map([...options].filter(([option]) => option !== 'isolate'));
}
