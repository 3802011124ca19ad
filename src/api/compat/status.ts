import { formatCidr } from '../../ip/cidr.js';
import type { SubnetUsage } from '../../network/addresses/subnet-usage.js';
import type { CompatNetwork } from './network-schemas.js';

type Status = NonNullable<CompatNetwork['Status']>;

const largest = 2n ** 64n - 1n;

/**
 * How full the subnets of a network are.
 *
 * source: moby daemon/libnetwork/network.go (IPAMStatus)@docker-v29.7.2
 */
export function writeStatus(usages: readonly SubnetUsage[]): Status {
  if (usages.length === 0) return { IPAM: {} };
  const subnets = usages.map(({ cidr, inUse, available }): [string, unknown] => [
    formatCidr(cidr),
    { IPsInUse: saturate(inUse), DynamicIPsAvailable: saturate(available) },
  ]);
  // The schema's integers are numbers to TypeScript; the printer prints a bigint as well, and every digit of it.
  return { IPAM: { Subnets: Object.fromEntries(subnets) as NonNullable<Status['IPAM']['Subnets']> } };
}

function saturate(count: bigint): bigint {
  return count > largest ? largest : count;
}
