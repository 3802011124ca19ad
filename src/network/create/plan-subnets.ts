import type { WantedPrefix } from '../../ip/allocate.js';
import { firstAddress } from '../../ip/cidr.js';
import { isSubnet } from '../../ip/prefix-size.js';
import type { Cidr, Family } from '../../model/address.js';
import type { Subnet } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import { chooseSubnets } from '../addresses/choose-subnets.js';
import type { TakenPrefixes } from '../addresses/claims.js';
import { refuseTaken } from '../addresses/collisions.js';
import type { NetworkSettings } from '../dependencies/settings.js';

/** What a request says that decides its subnets. */
export type SubnetsAsking = Pick<
  CheckedRequest,
  'subnets' | 'driver' | 'ipamDriver' | 'internal' | 'ipv4Enabled' | 'ipv6Enabled' | 'allowReserved'
>;

export interface PlannedSubnets {
  readonly subnets: readonly Subnet[];
  readonly warnings: readonly string[];
}

/** The subnets that a request names, and free ones for the sizes and families that it leaves open. @throws NetworkError exists, exhausted, forbidden, invalid */
export function planSubnets(request: SubnetsAsking, taken: TakenPrefixes, settings: NetworkSettings): PlannedSubnets {
  const named = request.subnets.filter(isSubnet).map(({ cidr }) => cidr);
  for (const cidr of named) refuseTaken(cidr, request, taken, settings);
  const wanted = wantedSubnets(request);
  const open = wanted.flatMap((one) => (isSubnet(one) ? [] : [one]));
  const { cidrs, warnings } = chooseSubnets(open, named, taken, settings);
  const chosen = new Map(open.map((one, index) => [one, cidrs[index]]));
  const subnets = wanted.flatMap((one) => {
    if (isSubnet(one)) return [one];
    const cidr = chosen.get(one);
    return cidr === undefined ? [] : [wholeSubnet(cidr, request.internal)];
  });
  return { subnets, warnings };
}

/** Every subnet of the network to be, in its order: those of the request, then one for each family that it lacks. */
export function wantedSubnets(
  request: Omit<SubnetsAsking, 'internal' | 'allowReserved'>,
): readonly (Subnet | WantedPrefix)[] {
  const { subnets, driver, ipamDriver, ipv4Enabled, ipv6Enabled } = request;
  if (driver !== 'bridge' || ipamDriver !== 'host-local') return subnets;
  const hasFamily = (family: Family) => subnets.some((one) => (isSubnet(one) ? one.cidr : one).family === family);
  const needsIpv4 = subnets.length === 0 || (ipv6Enabled && !hasFamily(4));
  return [
    ...subnets,
    ...(ipv4Enabled && needsIpv4 ? [anyOf(4)] : []),
    ...(ipv6Enabled && !hasFamily(6) ? [anyOf(6)] : []),
  ];
}

function anyOf(family: Family): WantedPrefix {
  return { family, prefixBits: undefined };
}

/** A subnet whose addresses containers get all, but the gateway's. */
function wholeSubnet(cidr: Cidr, internal: boolean): Subnet {
  const gateway = internal ? undefined : firstAddress(cidr);
  return { cidr, gateway, leaseStart: undefined, leaseEnd: undefined, reserved: new Map() };
}
