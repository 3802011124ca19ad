import { formatCidr } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import { refuseReservedName } from '../../model/names.js';
import type { DockerSettings, Network, StringMap } from '../../model/network.js';
import type { NetworkRequest } from '../../model/request.js';
import { readStrings, writeStrings } from '../fields.js';
import { formatGoTime } from '../go/go-time.js';
import { readDriverOptions } from './driver-options.js';
import { keepMembers, readIpamDriver, showFlag, showIpamDriver } from './members.js';
import { keepPools, readPool, writePool } from './pools.js';
import type { CompatSummary } from './network-schemas.js';
import type { CompatCreateBody } from './schemas.js';
import type { VersionForm } from './version-form.js';

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
  const given = readStrings(body.Options);
  const { options, networkInterface, masquerade, warnings, ...families } = readDriverOptions(given, driver);
  const subnets = (body.IPAM?.Config ?? []).map(readPool);
  const ipamDriver = readIpamDriver(body.IPAM?.Driver ?? '');
  const ipv6Enabled = body.EnableIPv6 ?? families.ipv6Enabled ?? false;
  const addsIpv6 = ipv6Enabled && driver === 'bridge' && (ipamDriver === '' || ipamDriver === 'host-local');
  const saysIpv6 = addsIpv6 || subnets.some(({ prefix }) => prefix.family === 6);
  return {
    request: {
      name,
      driver,
      networkInterface,
      subnets,
      ipv4Enabled: body.EnableIPv4 ?? families.ipv4Enabled ?? true,
      ipv6Enabled,
      internal: body.Internal ?? false,
      dnsEnabled: driver === 'bridge',
      dnsServers: [],
      routes: [],
      masquerade,
      labels: readStrings(body.Labels),
      options,
      ipamDriver,
      docker: keepSettings(body, given, saysIpv6),
      form: 'podman4',
    },
    warnings,
  };
}

function keepSettings(body: CompatCreateBody, options: StringMap, saysIpv6: boolean): DockerSettings {
  return {
    options,
    ipamOptions: body.IPAM?.Options && readStrings(body.IPAM.Options),
    members: keepMembers(body, saysIpv6),
    pools: keepPools(body.IPAM?.Config ?? []),
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

/** The network without its containers. @param name as the client shall see it */
export function writeNetwork(
  network: Network,
  name: string,
  form: Pick<VersionForm, 'showsEnableIpv4' | 'showsAllocatedPools'>,
): Omit<CompatSummary, 'Containers'> {
  const { docker } = network;
  return {
    Name: name,
    Id: network.id,
    Created: formatGoTime(network.createdNs),
    Scope: 'local',
    Driver: network.driver,
    ...(form.showsEnableIpv4 && { EnableIPv4: showFlag(network, 'EnableIPv4', hasIpv4(network)) }),
    EnableIPv6: showFlag(network, 'EnableIPv6', network.ipv6Enabled),
    IPAM: {
      Driver: showIpamDriver(network),
      Options: docker?.ipamOptions === undefined ? null : writeStrings(docker.ipamOptions),
      Config: network.subnets.map((subnet) => writePool(subnet, docker?.pools.get(formatCidr(subnet.cidr)), form)),
    },
    Internal: showFlag(network, 'Internal', network.internal),
    Attachable: showFlag(network, 'Attachable', false),
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Options: writeStrings(docker?.options ?? withoutIsolate(network.options)),
    Labels: writeStrings(network.labels),
  };
}

/** Addresses of a network without subnets (DHCP) are IPv4 ones. */
function hasIpv4({ subnets }: Network): boolean {
  return subnets.length === 0 || subnets.some(({ cidr }) => cidr.family === 4);
}

function withoutIsolate(options: StringMap): StringMap {
  return new Map([...options].filter(([option]) => option !== 'isolate'));
}
