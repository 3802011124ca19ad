import { formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { CheckedRequest } from '../../model/request.js';
import { withheld } from '../../model/withheld.js';
import type { NetworkSettings } from '../dependencies/settings.js';
import { claimsOn, firmClaims, type Claim, type ClaimKind, type TakenPrefixes } from './claims.js';
import { showHolder } from './holders.js';

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

/** A prefix that a subnet of a request must not overlap. */
export interface Collision {
  readonly kind: ClaimKind;
  readonly prefix: Cidr;
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
}

/** @throws NetworkError exists, forbidden */
export function refuseTaken(cidr: Cidr, asking: Asking, taken: TakenPrefixes, settings: NetworkSettings): void {
  const collision = findCollisions(cidr, asking, taken, settings).next();
  if (collision.done === true) return;
  const { kind, prefix } = collision.value;
  const holder = showHolder(kind, prefix, taken, settings);
  const subnet = formatCidr(cidr);
  if (holder === withheld) throw new NetworkError('subnetUnavailable', { subnet });
  const { name, file, reason } = holder;
  const other = formatCidr(holder.prefix);
  if (kind === 'reserved') throw new NetworkError('subnetReserved', { subnet, other, reason: reason ?? '' });
  if (kind === 'interface') throw new NetworkError('subnetUsedByInterface', { subnet, other, link: name });
  throw new NetworkError('subnetUsedByNetwork', { subnet, other, network: name, file });
}
