import { compareAddresses, contains, formatAddress, formatCidr, isSameCidr } from '../../ip/cidr.js';
import { leasableIn, leaseBounds } from '../../ip/lease-pieces.js';
import { formatWanted, isPrefix, isSubnet } from '../../ip/prefix-size.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Address, Cidr, PrefixSize } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { parseGoBoolean } from '../../model/go/boolean.js';
import { ownOptions } from '../../model/own-options.js';
import type { Driver, IpamDriver, Network, ReservedAddresses, StringMap, Subnet } from '../../model/network.js';
import type { SubnetRequest } from '../../model/request.js';
import type { TakenPrefixes } from '../addresses/claims.js';
import { checkSubnet, refuseOverlaps } from '../create/check.js';
import { planSubnets, type PlannedSubnets } from '../create/plan-subnets.js';
import { findSecondIpv4 } from '../create/second-ipv4.js';
import type { AttachmentView } from '../dependencies/attachments.js';
import type { Draft } from '../dependencies/draft.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';
import { hasSameReserved, placeReserved, reservedOf, takesLeases } from './change-reserved.js';
import type { WantedFacts } from './wanted-facts.js';

export interface SubnetsContext {
  readonly draft: Draft;
  readonly settings: NetworkSettings;
  /** Options of the network after the change. */
  readonly options: StringMap;
}

/**
 * Decides the subnets of a network after a change: those that stay, with their lease ranges, and new ones, also for a family that it has none of.
 *
 * @returns the subnets as they are, the same array, when they stay
 * @throws NetworkError invalid, exists, exhausted, forbidden, inUse
 */
export function changeSubnets(stored: StoredNetwork, wanted: WantedFacts, context: SubnetsContext): PlannedSubnets {
  const { network } = stored;
  const kept = { subnets: network.subnets, warnings: [] };
  const addsIpv6 = wanted.ipv6Enabled === true && !network.ipv6Enabled;
  if (wanted.subnets === undefined && wanted.reserved === undefined && !addsIpv6) {
    if (wanted.ipv6Enabled === false) refuseIpv6(network.subnets);
    return kept;
  }
  const requests = placeReserved(wantedReserved(network, wanted), wanted.subnets ?? network.subnets.map(asRequest));
  const subnets = requests.map((request) => checkOne(request, network));
  refuseOverlaps(subnets.filter(isSubnet).map(({ cidr }) => cidr));
  const planned = planAll(subnets, network, wanted, context);
  if (wanted.ipv6Enabled === false) refuseIpv6(planned.subnets);
  if (isSameList(network.subnets, planned.subnets)) return kept;
  if (network.ipamDriver !== 'host-local')
    throw new NetworkError('ipamDriverWithSubnets', { driver: network.ipamDriver ?? '' });
  if (planned.subnets.length === 0) throw new NetworkError('subnetsAllRemoved', { name: network.name });
  refuseSecondIpv4(network, planned.subnets);
  refuseInUse(stored, planned.subnets, context.draft);
  return planned;
}

/** Those that the change names; else those of the subnets that stay. */
function wantedReserved({ subnets }: Network, wanted: WantedFacts): ReservedAddresses {
  if (wanted.reserved !== undefined) return wanted.reserved;
  const named = wanted.subnets?.map(({ prefix }) => formatWanted(prefix));
  return reservedOf({ subnets: subnets.filter(({ cidr }) => named?.includes(formatCidr(cidr)) !== false) });
}

/** @throws NetworkError unsupported, for one that the network does not have yet */
function refuseSecondIpv4(network: Network, after: readonly Subnet[]): void {
  const { first, others = [] } = findSecondIpv4(network, after) ?? {};
  const added = others.find((subnet) => findSame(network.subnets, subnet.cidr) === undefined);
  if (first === undefined || added === undefined) return;
  const { name } = network;
  throw new NetworkError('secondIpv4', { name, subnet: formatCidr(added.cidr), other: formatCidr(first.cidr) });
}

function planAll(
  subnets: readonly (Subnet | PrefixSize)[],
  network: Network,
  { ipv6Enabled = false }: WantedFacts,
  { draft, settings, options }: SubnetsContext,
): PlannedSubnets {
  const isNew = (one: Subnet | PrefixSize) => !isSubnet(one) || findSame(network.subnets, one.cidr) === undefined;
  const hasIpv6 = subnets.some((one) => (isSubnet(one) ? one.cidr : one).family === 6);
  const request = {
    subnets: subnets.filter(isNew),
    driver: network.driver as Driver,
    ipamDriver: network.ipamDriver as IpamDriver,
    internal: network.internal,
    ipv4Enabled: false,
    ipv6Enabled: ipv6Enabled && !hasIpv6,
    allowReserved: parseGoBoolean(options.get(ownOptions.allowReserved) ?? '') === true,
  };
  const staying = subnets.filter(isSubnet);
  const { subnets: added, warnings } = planSubnets(request, withoutGone(draft, network, staying), settings);
  if (ipv6Enabled && ![...staying, ...added].some(({ cidr }) => cidr.family === 6))
    throw new NetworkError('ipv6NeedsSubnet', {});
  const rest = [...added];
  const all = subnets.flatMap((one) => (isNew(one) ? (rest.shift() ?? []) : isSubnet(one) ? one : []));
  return { subnets: [...all, ...rest], warnings };
}

/** What is taken once the subnets of the network that go are gone. */
function withoutGone(draft: Draft, { subnets, driver }: Network, staying: readonly Subnet[]): TakenPrefixes {
  const gone = subnets.filter((subnet) => findSame(staying, subnet.cidr) === undefined).map(({ cidr }) => cidr);
  const without = (set: PrefixSet) => gone.reduce((rest, cidr) => rest.remove(cidr), set);
  return {
    host: draft.host,
    sight: draft.sight,
    used: without(draft.used),
    routed: driver === 'bridge' ? without(draft.routed) : draft.routed,
    userOf: (prefix) => draft.userOf(prefix),
  };
}

/** @throws NetworkError invalid, forbidden */
function checkOne(request: SubnetRequest, network: Network): Subnet | PrefixSize {
  const { prefix, gateway } = request;
  const known = isPrefix(prefix) ? findSame(network.subnets, prefix) : undefined;
  if (known === undefined) return checkSubnet(request, network.internal);
  const hasGateway = known.gateway === undefined ? 'none' : formatAddress(known.gateway);
  if (gateway !== undefined && formatAddress(gateway) !== hasGateway) {
    const details = { name: network.name, subnet: formatCidr(known.cidr), wanted: formatAddress(gateway) };
    throw new NetworkError('gatewayFixed', { ...details, gateway: hasGateway });
  }
  const { leaseStart, leaseEnd, reserved } = request;
  const wanted = { ...known, leaseStart, leaseEnd, reserved };
  // What is in the file already is not judged again.
  if (isSameRange(known, wanted) && hasSameReserved(known.reserved, reserved)) return known;
  const checked = checkSubnet({ ...wanted, prefix: known.cidr }, network.internal);
  return isSubnet(checked) ? { ...checked, gateway: known.gateway } : checked;
}

/** @throws NetworkError inUse */
function refuseInUse(stored: StoredNetwork, after: readonly Subnet[], draft: Draft): void {
  const { name, subnets: before } = stored.network;
  const users = draft.usersOf(stored);
  if (users.length === 0) return;
  const gone = before.find((subnet) => findSame(after, subnet.cidr) === undefined);
  if (gone !== undefined) throw new NetworkError('subnetInUse', { name, subnet: formatCidr(gone.cidr), users });
  const held = heldAddresses(stored, draft.attachments);
  for (const subnet of after) {
    const former = findSame(before, subnet.cidr);
    if (former === undefined || !takesLeases(former, subnet)) continue;
    const [leased, leasable] = [leasableIn([former]), leasableIn([subnet])];
    for (const { address, user } of held) {
      if (!contains(subnet.cidr, address) || !leased.has(address) || leasable.has(address)) continue;
      throw new NetworkError('leaseExcluded', {
        name,
        subnet: formatCidr(subnet.cidr),
        address: formatAddress(address),
        user,
      });
    }
    // A container whose attachment is under way may get any address of the former range.
    const unknown = users.filter((user) => !held.some((one) => one.user === user));
    if (unknown.length > 0)
      throw new NetworkError('subnetInUse', { name, subnet: formatCidr(subnet.cidr), users: unknown });
  }
}

interface HeldAddress {
  readonly address: Address;
  /** Name of the container, else its id. */
  readonly user: string;
}

/** Addresses of the containers on a network, as far as their attachments or leases have them. */
function heldAddresses(stored: StoredNetwork, view: AttachmentView): readonly HeldAddress[] {
  const attached = view.of(stored.network.name).flatMap(({ containerId, containerName, addresses }) => {
    return addresses.map(({ address }) => ({ address, user: containerName ?? containerId }));
  });
  const leased = view.leases(stored).flatMap(({ address, containerId }) => {
    const { containerName, lives } = view.holderOf(containerId, stored);
    return lives ? [{ address, user: containerName ?? containerId }] : [];
  });
  return [...attached, ...leased];
}

/** @throws NetworkError invalid */
function refuseIpv6(subnets: readonly Subnet[]): void {
  const ipv6 = subnets.find(({ cidr }) => cidr.family === 6);
  if (ipv6 !== undefined) throw new NetworkError('ipv6SubnetLeft', { subnet: formatCidr(ipv6.cidr) });
}

function asRequest({ cidr, ...subnet }: Subnet): SubnetRequest {
  return { ...subnet, prefix: cidr };
}

function findSame(subnets: readonly Subnet[], prefix: Cidr): Subnet | undefined {
  return subnets.find(({ cidr }) => isSameCidr(cidr, prefix));
}

function isSameList(before: readonly Subnet[], after: readonly Subnet[]): boolean {
  return before.length === after.length && before.every((subnet, index) => subnet === after[index]);
}

/** Whether subnets differ in more than their reserved addresses. */
export function hasOtherRanges(before: readonly Subnet[], after: readonly Subnet[]): boolean {
  return (
    before.length !== after.length ||
    before.some((subnet, index) => {
      const other = after[index];
      return other === undefined || !isSameCidr(subnet.cidr, other.cidr) || !isSameRange(subnet, other);
    })
  );
}

function isSameRange(a: Subnet, b: Subnet): boolean {
  const [one, other] = [leaseBounds(a), leaseBounds(b)];
  const isWritten = (subnet: Subnet) => [subnet.leaseStart !== undefined, subnet.leaseEnd !== undefined].join();
  return (
    isWritten(a) === isWritten(b) &&
    compareAddresses(one.start, other.start) === 0 &&
    compareAddresses(one.end, other.end) === 0
  );
}
