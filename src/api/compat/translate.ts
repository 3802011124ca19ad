import { formatAddress, formatCidr } from '../../ip/cidr.js';
import { prefixOfRange } from '../../ip/lease-range.js';
import { NetworkError } from '../../model/errors.js';
import { refuseReservedName } from '../../model/names.js';
import type { Network, StringMap, Subnet } from '../../model/network.js';
import type { NetworkRequest, SubnetRequest } from '../../model/request.js';
import { leasesOf, readAddress, readCidr, readStrings, writeStrings } from '../fields.js';
import { formatGoTime } from '../go-time.js';
import type { CompatCreateBody, CompatNetwork } from './schemas.js';

type CompatPool = NonNullable<NonNullable<CompatCreateBody['IPAM']>['Config']>[number];

/** Docker clients know the default network by this name; source: podman pkg/api/handlers/compat/networks.go@v4.3.1. */
export const dockerDefaultName = 'bridge';

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
  const { options, networkInterface, warnings } = readOptions(docker.options, driver);
  const pools = body.IPAM?.Config ?? [];
  return {
    request: {
      name,
      driver,
      networkInterface,
      subnets: pools.map(readPool),
      ipv6Enabled: body.EnableIPv6 ?? false,
      internal: body.Internal ?? false,
      dnsEnabled: driver === 'bridge',
      labels: readStrings(body.Labels),
      options,
      ipamDriver: body.IPAM?.Driver === 'default' ? '' : (body.IPAM?.Driver ?? ''),
      docker,
      form: 'podman4',
    },
    warnings: [...warnings, ...pools.flatMap(warnOfAuxiliary)],
  };
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

interface DriverOptions {
  readonly options: StringMap;
  readonly networkInterface: string;
  readonly warnings: readonly string[];
}

/** source: podman pkg/api/handlers/compat/networks.go@v4.3.1 CreateNetwork, moby libnetwork/netlabel and drivers/{macvlan,ipvlan}@v28 */
function readOptions(given: StringMap, driver: string): DriverOptions {
  const isBridge = driver === 'bridge';
  // Docker's bridges do not reach each other.
  const options = new Map<string, string>(isBridge ? [['isolate', 'true']] : []);
  const warnings: string[] = [];
  let networkInterface = '';
  for (const [option, value] of given) {
    if (option === 'mtu' || option === 'com.docker.network.driver.mtu') options.set('mtu', value);
    else if (isBridge && option === 'com.docker.network.bridge.name') networkInterface = value;
    else if (!isBridge && (option === 'mode' || option === `${driver}_mode`)) options.set('mode', value);
    else if (!isBridge && option === 'parent') networkInterface = value;
    else warnings.push(`"${option}: ${value}" is not a recognized option`);
  }
  return { options, networkInterface, warnings };
}

/** @throws NetworkError invalid */
function readPool({ Subnet: subnet = '', IPRange: range = '', Gateway: gateway }: CompatPool): SubnetRequest {
  if (subnet === '') throw new NetworkError('subnetMissing', {});
  return {
    cidr: readCidr('subnet', subnet),
    gateway: readAddress('gateway ip', gateway),
    ...leasesOf(range === '' ? undefined : readCidr('ip range', range)),
  };
}

function warnOfAuxiliary({ AuxiliaryAddresses: addresses = {} }: CompatPool): readonly string[] {
  return Object.entries(addresses).map(([host, address]) => `auxiliary address "${host}: ${address}" is not reserved`);
}

/** @param defaultNetwork a Docker client may call it `bridge` */
export function readNetworkName(given: string, defaultNetwork: string): string {
  return given === dockerDefaultName ? defaultNetwork : given;
}

/** @param name as the client shall see it */
export function writeNetwork(network: Network, name: string): CompatNetwork {
  return {
    Name: name,
    Id: network.id,
    Created: formatGoTime(network.createdNs),
    Scope: 'local',
    Driver: network.driver,
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
    Containers: {},
    Options: writeStrings(network.docker?.options ?? withoutIsolate(network.options)),
    Labels: writeStrings(network.labels),
  };
}

function writePool({ cidr, gateway, leaseStart, leaseEnd }: Subnet): CompatNetwork['IPAM']['Config'][number] {
  const range = leaseStart && leaseEnd && prefixOfRange(leaseStart, leaseEnd, cidr);
  return {
    Subnet: formatCidr(cidr),
    ...(range && { IPRange: formatCidr(range) }),
    ...(gateway && { Gateway: formatAddress(gateway) }),
  };
}

function withoutIsolate(options: StringMap): StringMap {
  return new Map([...options].filter(([option]) => option !== 'isolate'));
}
