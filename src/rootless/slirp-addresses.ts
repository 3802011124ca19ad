import { formatAddress, parseCidr } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';

/** slirp4netns's default; source: slirp4netns.1 */
const defaultCidr = '10.0.2.0/24';

export interface SlirpAddresses {
  readonly subnet: Cidr;
  /** Address of the tap in the namespace. */
  readonly guest: string;
  /** Address of slirp4netns's name server. */
  readonly dns: string;
}

/** source: slirp4netns.1: the guest is .100 and the name server .3 of the network. */
export function slirpAddresses(cidrText = defaultCidr): SlirpAddresses {
  const subnet = parseCidr(cidrText)?.cidr;
  if (subnet?.family !== 4) throw new TypeError(`${cidrText} is no IPv4 prefix`);
  const at = (offset: bigint) => formatAddress({ family: 4, value: subnet.base + offset });
  return { subnet, guest: at(100n), dns: at(3n) };
}
