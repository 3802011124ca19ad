import { formatAddress, parseAddress } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { asArray, asObject, textOf } from '../../model/json-object.js';
import { differ } from './differences.js';
import type { Field } from './field.js';

/**
 * The first plugin copies its `dns` member into its result, which runtimes make a container's resolv.conf of.
 *
 * source: containernetworking/cni SPEC.md@v1.0.0, containernetworking/plugins plugins/main/{bridge,macvlan,ipvlan}@v1.1.1
 */
export const dnsServers: Field<readonly Address[]> = {
  read: ({ first }) =>
    asArray(asObject(first['dns'])['nameservers']).flatMap((server) => parseAddress(textOf(server)) ?? []),
  write: ({ dnsServers: servers }) => ({
    first: { dns: servers.length === 0 ? undefined : { nameservers: servers.map(formatAddress) } },
  }),
  compare: (has, { dnsServers: wanted }) => differ('network_dns_servers', print(has), print(wanted)),
};

function print(servers: readonly Address[]): string {
  return servers.map(formatAddress).join(', ');
}
