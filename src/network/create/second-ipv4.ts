import type { Network, Subnet } from '../../model/network.js';

/**
 * The subnets of IPv4 behind the first one of a bridge that has gateways: the bridge plugin gives its bridge one address of IPv4, and no
 * container could join. source: containernetworking/plugins plugins/main/bridge/bridge.go@v1.1.1 ensureAddr
 */
export function findSecondIpv4(
  { driver, internal }: Pick<Network, 'driver' | 'internal'>,
  subnets: readonly Subnet[],
): { readonly first: Subnet; readonly others: readonly Subnet[] } | undefined {
  if (driver !== 'bridge' || internal) return undefined;
  const [first, ...others] = subnets.filter(({ cidr }) => cidr.family === 4);
  return first === undefined || others.length === 0 ? undefined : { first, others };
}
