import { formatCidr, overlaps } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { CheckedRequest } from '../../model/request.js';
import type { Draft, Taken } from '../dependencies/draft.js';

/** The prefixes in use; `networks` is read only for the name of the network in the way. */
export type TakenPrefixes = Pick<Taken, 'used' | 'routed' | 'host'> & Pick<Draft, 'networks'>;

/**
 * Refuses a subnet in use. A macvlan or ipvlan network carries the addresses of its parent's wire, so it may share them with the host and its
 * like; podnetd refuses it only a prefix that the host routes into a bridge.
 *
 * @throws NetworkError exists
 */
export function refuseUsed(cidr: Cidr, { driver }: CheckedRequest, taken: TakenPrefixes): void {
  const subnet = formatCidr(cidr);
  const used = (driver === 'bridge' ? taken.used : taken.routed).overlapping(cidr);
  if (used !== undefined) {
    throw new NetworkError('subnetUsedByNetwork', { subnet, other: formatCidr(used), network: holderOf(used, taken) });
  }
  const address = driver === 'bridge' ? taken.host.addresses.overlapping(cidr) : undefined;
  if (address !== undefined) {
    const link = taken.host.linkOfAddress(address);
    throw new NetworkError('subnetUsedByInterface', { subnet, other: formatCidr(address), link });
  }
}

/** Name of the network with a prefix; undefined for a prefix of a faulty file, or of a network of the same batch. */
function holderOf(prefix: Cidr, taken: TakenPrefixes): string | undefined {
  for (const { network } of taken.networks()) {
    if (network.subnets.some(({ cidr }) => overlaps(cidr, prefix))) return network.name;
  }
  return undefined;
}
