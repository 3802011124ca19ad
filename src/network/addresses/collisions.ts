import { formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { FleetPool } from '../../model/fleet.js';
import type { CheckedRequest } from '../../model/request.js';
import { withheld } from '../../model/withheld.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { claimsOn, firmClaims, type Claim, type TakenPrefixes } from './claims.js';
import { poolsOfOthers, refuseBlocksOfOthers } from './fleet.js';
import { showHolder, type HolderKind } from './holders.js';

/** What a request says that decides which claims it respects. */
export type Asking = Pick<CheckedRequest, 'driver' | 'allowReserved'>;

/**
 * The claims that a subnet which a request names must not overlap. A macvlan or ipvlan network carries the addresses of its parent's wire, so it
 * may share them with the host and its like; podnetd refuses it only a prefix that the host routes into a bridge, or a reserved one.
 */
function claimsAgainst(
  { driver, allowReserved }: Asking,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): readonly Claim[] {
  return firmClaims(claimsOn(taken, settings)).flatMap((claim) => {
    if (claim.kind === 'reserved') return allowReserved ? [] : [claim];
    if (driver === 'bridge') return [claim];
    return claim.kind === 'network' ? [{ ...claim, prefixes: taken.routed }] : [];
  });
}

/** A prefix that a subnet of a request must not overlap, or a pool of the fleet where it needs own blocks. */
export interface Collision {
  readonly kind: HolderKind;
  readonly prefix: Cidr;
  /** Of a fleet alone. */
  readonly pool?: FleetPool;
}

/** Every collision of a subnet, in the order of the kinds; found as they are read. */
export function* findCollisions(
  cidr: Cidr,
  asking: Asking,
  taken: TakenPrefixes,
  settings: NetworkSettings,
): Generator<Collision> {
  for (const { kind, prefixes } of claimsAgainst(asking, taken, settings)) {
    if (!prefixes.overlaps(cidr)) continue;
    for (const prefix of prefixes.members(cidr)) yield { kind, prefix };
  }
  // Last: a block is not worth claiming for a subnet that cannot be had anyway.
  for (const pool of poolsOfOthers(cidr, settings.fleet)) yield { kind: 'fleet', prefix: pool.base, pool };
}

/** @throws NetworkError exists, forbidden */
export function refuseTaken(cidr: Cidr, asking: Asking, taken: TakenPrefixes, settings: NetworkSettings): void {
  const collision = findCollisions(cidr, asking, taken, settings).next();
  if (collision.done === true) return;
  const { kind, prefix, pool } = collision.value;
  if (pool !== undefined) refuseBlocksOfOthers(cidr, pool, settings.fleet);
  const holder = showHolder(kind, prefix, taken, settings);
  const subnet = formatCidr(cidr);
  if (holder === withheld) throw new NetworkError('subnetUnavailable', { subnet });
  const { name, file, reason } = holder;
  const other = formatCidr(holder.prefix);
  if (kind === 'reserved') throw new NetworkError('subnetReserved', { subnet, other, reason: reason ?? '' });
  if (kind === 'interface') throw new NetworkError('subnetUsedByInterface', { subnet, other, link: name });
  throw new NetworkError('subnetUsedByNetwork', { subnet, other, network: name, file });
}
