import type { Address } from '../../model/address.js';
import type { Network, ReservedAddresses, StringMap } from '../../model/network.js';
import type { StaticRoute, SubnetRequest } from '../../model/request.js';

/** Facts that a network shall have, whole; those that are absent stay as they are. */
export interface WantedFacts {
  readonly labels?: StringMap;
  /** Podman's options, and podnetd's own. */
  readonly options?: StringMap;
  /** Options of a Docker client that podnetd keeps and does nothing with. */
  readonly dockerOptions?: StringMap;
  /** Every subnet. One that is there keeps its gateway where the request names none. */
  readonly subnets?: readonly SubnetRequest[];
  /** Of all subnets together. */
  readonly reserved?: ReservedAddresses;
  readonly ipv6Enabled?: boolean;
  readonly dnsEnabled?: boolean;
  readonly dnsServers?: readonly Address[];
  readonly routes?: readonly StaticRoute[];
}

/** Says what a network shall have, by what it has when the change is decided. @throws NetworkError */
export type Wish = (current: Network) => WantedFacts;

/** The places of a network that a change may be about, by libpod 4's names. */
export type ChangedPlace =
  | 'labels'
  | `options.${string}`
  | `docker_options.${string}`
  | 'subnets'
  | 'reserved_addresses'
  | 'routes'
  | 'dns_enabled'
  | 'network_dns_servers';

/** When each part of a change takes effect; both in the order of the parts. */
export interface Effects {
  readonly inForce: readonly ChangedPlace[];
  /** Containers that are on the network keep the old state until they are attached anew. */
  readonly forNewAttachments: readonly ChangedPlace[];
}
