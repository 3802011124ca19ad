import { Type, type TSchema } from '@sinclair/typebox';
import { bounds } from '../../model/bounds.js';
import type { WantedFacts } from '../../network/update/wanted-facts.js';
import { readReserved, readStrings } from '../fields.js';
import { V4CreateBody, type V4Route, type V4Subnet } from '../libpod-v4/schemas.js';
import { readRoute } from '../libpod-v4/static-routes.js';
import { readDnsServers, readSubnet } from '../libpod-v4/translate.js';

/** A network as a patch is applied to it: libpod 4's form, the reserved addresses, and the options of a Docker client. */
export interface PatchedNetwork {
  readonly subnets?: readonly V4Subnet[];
  readonly reserved_addresses?: Readonly<Record<string, string>>;
  readonly routes?: readonly V4Route[];
  readonly ipv6_enabled?: boolean;
  readonly dns_enabled?: boolean;
  readonly network_dns_servers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly docker_options?: Readonly<Record<string, string>>;
}

/** A member that can be changed, or that stays what it is. */
type PatchMember =
  | { readonly schema: TSchema; readonly read: (patched: PatchedNetwork) => WantedFacts }
  | { readonly schema: TSchema; readonly fixed: string };

const { properties } = V4CreateBody;
const nullable = (schema: TSchema, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const mapOf = (maxProperties: number, description: string) =>
  nullable(Type.Record(Type.String(), nullable(Type.String()), { maxProperties }), description);
const listOf = ({ items, maxItems }: TSchema, description: string) =>
  nullable(Type.Array(items as TSchema, { maxItems: maxItems as number }), description);
const text = () => nullable(Type.String());

/** The members of a patch, in the order of libpod 4's form. A new one that can be changed is a row, and a member of `WantedFacts`. */
export const patchMembers: Readonly<Record<string, PatchMember>> = {
  name: { schema: text(), fixed: 'leases, result caches and the id go by it' },
  id: { schema: text(), fixed: 'it follows from the name' },
  driver: { schema: text(), fixed: 'the interfaces of its containers are of that kind' },
  network_interface: { schema: text(), fixed: 'its containers are plugged into it' },
  created: { schema: text(), fixed: 'it is the time at which the network was made' },
  subnets: {
    schema: listOf(
      properties.subnets,
      'All subnets of the network to be. One that is there keeps its gateway, and has the lease range that the patch names, or none',
    ),
    read: ({ subnets = [] }) => ({ subnets: subnets.map(readSubnet) }),
  },
  reserved_addresses: {
    schema: mapOf(
      bounds.auxiliaryAddresses,
      'Addresses in the subnets that no container gets, by name; null frees one',
    ),
    read: ({ reserved_addresses: addresses = {} }) => ({ reserved: readReserved(addresses) }),
  },
  routes: {
    schema: listOf(properties.routes, 'All static routes of the network to be'),
    read: ({ routes = [] }) => ({ routes: routes.map(readRoute) }),
  },
  ipv6_enabled: {
    schema: nullable(Type.Boolean(), 'true: a network without a subnet of IPv6 gets one'),
    read: ({ ipv6_enabled: ipv6Enabled = false }) => ({ ipv6Enabled }),
  },
  internal: { schema: nullable(Type.Boolean()), fixed: 'the address and the rules of its bridge follow from it' },
  dns_enabled: {
    schema: nullable(Type.Boolean()),
    read: ({ dns_enabled: dnsEnabled = false }) => ({ dnsEnabled }),
  },
  network_dns_servers: {
    schema: listOf(properties.network_dns_servers, 'All DNS servers of the network to be'),
    read: ({ network_dns_servers: servers = [] }) => ({ dnsServers: readDnsServers(servers) }),
  },
  labels: {
    schema: mapOf(bounds.labels, 'Labels to set; null takes one away'),
    read: ({ labels }) => ({ labels: readStrings(labels) }),
  },
  options: {
    schema: mapOf(bounds.options, 'Options to set; null takes one away. vlan and mode stay what they are'),
    read: ({ options }) => ({ options: readStrings(options) }),
  },
  ipam_options: {
    schema: nullable(Type.Record(Type.String(), nullable(Type.String()), { maxProperties: bounds.ipamOptions })),
    fixed: 'its containers have their addresses from that plugin',
  },
  docker_options: {
    schema: mapOf(bounds.options, 'Options of a Docker client that podnetd keeps, echoes, and does nothing with'),
    read: ({ docker_options: options }) => ({ dockerOptions: readStrings(options) }),
  },
};

export const PatchBody = Type.Object(
  Object.fromEntries(Object.entries(patchMembers).map(([name, { schema }]) => [name, Type.Optional(schema)])),
  { title: 'NetworkPatch', additionalProperties: false },
);
