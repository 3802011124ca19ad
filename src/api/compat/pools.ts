import { compareAddresses, firstAddress, formatAddress, formatCidr, parseAddress, parseCidr } from '../../ip/cidr.js';
import { clipToUsable, prefixOfRange, rangeOf } from '../../ip/lease-range.js';
import { isPrefix } from '../../ip/prefix-size.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { DockerPool, ReservedAddresses, Subnet } from '../../model/network.js';
import type { SubnetRequest } from '../../model/request.js';
import { leasesOf, readAddress, readCidr, readPrefix, readReserved, readStrings, writeStrings } from '../fields.js';
import type { CompatNetwork } from './network-schemas.js';
import type { CompatCreateBody } from './schemas.js';
import type { VersionForm } from './version-form.js';

export type CompatPool = NonNullable<NonNullable<CompatCreateBody['IPAM']>['Config']>[number];
type ShownPool = CompatNetwork['IPAM']['Config'][number];

/** @throws NetworkError invalid */
export function readPool(pool: CompatPool, index: number): SubnetRequest {
  const { Subnet: subnet = '', IPRange: range = '', Gateway: gateway, AuxiliaryAddresses: auxiliary = {} } = pool;
  if (subnet === '') throw new NetworkError('subnetMissing', { place: `IPAM.Config[${index}]` });
  return {
    prefix: readPrefix('subnet', subnet),
    gateway: readAddress('gateway ip', gateway),
    ...leasesOf(range === '' ? undefined : readCidr('ip range', range)),
    reserved: readReserved(auxiliary),
  };
}

/**
 * What is kept of pools, by the prefixes of their subnets. A pool of a size is shown as the subnet that it became.
 *
 * source: moby daemon/network.go@v29 buildIPAMResources
 */
export function keepPools(pools: readonly CompatPool[]): ReadonlyMap<string, DockerPool> {
  return new Map(
    pools.flatMap(
      ({ Subnet: subnet = '', IPRange: range = '', Gateway: gateway = '', AuxiliaryAddresses: auxiliary }) => {
        const prefix = readPrefix('subnet', subnet);
        if (!isPrefix(prefix)) return [];
        return [[formatCidr(prefix), { subnet, range, gateway, auxiliary: readStrings(auxiliary) }]];
      },
    ),
  );
}

/**
 * A subnet as a Docker client asked for it, member by member: Docker up to 28 shows a pool as given, and clients make a network anew when it is
 * another. A member that no longer means what the file says is shown as the file has it. DIVERGES: Podman shows a gateway that it chose, and
 * Docker 29 spells every member its own way.
 *
 * source: moby daemon/network.go@v28.5.2 and @docker-v29.0.0 (buildIPAMResources)
 */
export function writePool(
  subnet: Subnet,
  sent: DockerPool | undefined,
  { showsAllocatedPools }: Pick<VersionForm, 'showsAllocatedPools'>,
): ShownPool {
  const kept = sent !== undefined && showsAllocatedPools ? dropUnread(sent) : sent;
  const range = showRange(subnet, kept?.range);
  const gateway = showGateway(subnet, kept?.gateway);
  const auxiliary = showAuxiliary(subnet.reserved, sent?.auxiliary);
  return {
    Subnet: showSubnet(subnet, kept?.subnet),
    ...(range !== '' && { IPRange: range }),
    ...(gateway !== '' && { Gateway: gateway }),
    ...(auxiliary.size > 0 && { AuxiliaryAddresses: writeStrings(auxiliary) }),
  };
}

/**
 * What of a pool is shown as sent to clients of Docker 29: they read no answer in which a prefix has zeros before its length, and expect a gateway.
 *
 * source: Go net/netip ParsePrefix@go1.25
 */
function dropUnread({ subnet, range, gateway }: DockerPool): Partial<Omit<DockerPool, 'auxiliary'>> {
  const isRead = (prefix: string) => !/\/0\d/.test(prefix);
  return { ...(isRead(subnet) && { subnet }), ...(isRead(range) && { range }), ...(gateway !== '' && { gateway }) };
}

function showSubnet({ cidr }: Subnet, sent = ''): string {
  const shown = formatCidr(cidr);
  const parsed = parseCidr(sent)?.cidr;
  return parsed !== undefined && formatCidr(parsed) === shown ? sent : shown;
}

function showRange({ cidr, leaseStart, leaseEnd }: Subnet, sent = ''): string {
  const asked = parseCidr(sent)?.cidr;
  if (asked !== undefined) {
    const { start, end } = rangeOf(asked);
    if (isSame(clipToUsable(start, cidr), leaseStart) && isSame(clipToUsable(end, cidr), leaseEnd)) return sent;
  }
  const range = leaseStart && leaseEnd && prefixOfRange(leaseStart, leaseEnd, cidr);
  return range === undefined ? '' : formatCidr(range);
}

function showGateway({ cidr, gateway }: Subnet, sent: string | undefined): string {
  const chosen = sent === '' ? firstAddress(cidr) : parseAddress(sent ?? '');
  if (sent !== undefined && gateway !== undefined && isSame(chosen, gateway)) return sent;
  return gateway === undefined ? '' : formatAddress(gateway);
}

function showAuxiliary(
  reserved: ReservedAddresses,
  sent: DockerPool['auxiliary'] = new Map(),
): DockerPool['auxiliary'] {
  const meant = [...sent].filter(([, text]) => text !== '');
  const isKept =
    meant.length === reserved.size && meant.every(([host, text]) => isSame(parseAddress(text), reserved.get(host)));
  return isKept ? sent : new Map([...reserved].map(([host, address]) => [host, formatAddress(address)]));
}

function isSame(a: Address | undefined, b: Address | undefined): boolean {
  return a !== undefined && b !== undefined && compareAddresses(a, b) === 0;
}
