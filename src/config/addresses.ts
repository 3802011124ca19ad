import { covers, formatCidr } from '../ip/cidr.js';
import { findOverlapping } from '../ip/overlaps.js';
import { defaultSubnetPools, type SubnetPool } from '../ip/pools.js';
import type { AddressSettings } from './config.js';
import { refuseCovered } from './covered-pool.js';
import { poolsBesides, type FleetSettings } from './fleet.js';
import { remedyForNoPool } from './pool-remedy.js';
import type { AddressConf, PlacedReserved } from './podnetd-toml-file.js';
import { faultAt } from './toml-document.js';

/** The settings of addresses of both kinds of files together, beside a fleet. @throws ConfigError for prefixes that exclude each other */
export function joinAddresses(
  own: AddressConf,
  ofContainers: readonly SubnetPool[] | undefined,
  fleet: FleetSettings | undefined,
): AddressSettings {
  const { reserved, subnetPools: given = [] } = own;
  refuseOverlaps(reserved);
  for (const pool of given) refuseCovered(pool, reserved);
  const pools = given.map(({ base, prefixBits }) => ({ base, prefixBits }));
  const others = pools.some(({ base }) => base.family === 4) ? [] : (ofContainers ?? defaultSubnetPools);
  const needed = poolsBesides(fleet, others);
  const last = reserved.findLast(({ prefix }) => needed.some(({ base }) => covers(prefix, base)));
  if (last !== undefined && needed.every(({ base }) => reserved.some(({ prefix }) => covers(prefix, base))))
    throw faultAt(
      last.place(),
      `${describe(last)} leaves no IPv4 pool that could give a subnet; ${remedyForNoPool(
        reserved.map(({ prefix }) => prefix),
        own.subnetPools !== undefined,
      )}`,
    );
  return {
    reserved: reserved.map(({ prefix, reason }) => ({ prefix, reason })),
    subnetPools: [...pools, ...others],
    avoidRoutes: own.avoidRoutes ?? true,
    avoidDnsServers: own.avoidDnsServers ?? true,
  };
}

function refuseOverlaps(reserved: readonly PlacedReserved[]): void {
  const pair = findOverlapping(reserved.map(({ prefix }) => prefix));
  if (pair === undefined) return;
  const earlier = reserved.find(({ prefix }) => prefix === pair[0]);
  const later = reserved.findLast(({ prefix }) => prefix === pair[1]);
  if (earlier === undefined || later === undefined) throw new TypeError('the overlapping prefixes are not of the list');
  throw faultAt(
    later.place(),
    `${describe(later)} overlaps the reserved prefix ${describe(earlier)}; one entry for both is enough`,
  );
}

function describe({ prefix, reason }: PlacedReserved): string {
  return `${formatCidr(prefix)} (${reason})`;
}
