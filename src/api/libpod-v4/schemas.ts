import { Type, type Static } from '@sinclair/typebox';
import { bounds } from '../../model/bounds.js';
import { strings, texts } from '../bounded-schemas.js';
import { DryRun } from '../dry-run.js';
import { exampleNetwork } from '../example-story.js';
import { LibpodForce, NetAddress } from '../libpod/schemas.js';

/**
 * Named as in Podman's own document, where bodies begin with a small letter. Podman has one subnet for what a client sends and what it reads;
 * here the one that a client sends has Podman's name.
 *
 * source: containers/common libnetwork/types/network.go@v0.50.1; `routes` and `network_dns_servers` since v0.55;
 * podman pkg/api/handlers/swagger@v5.4.2 models.go, responses.go
 */

const Strings = Type.Record(Type.String(), Type.String());

export const V4LeaseRange = Type.Object(
  { start_ip: Type.Optional(Type.String()), end_ip: Type.Optional(Type.String()) },
  { title: 'LeaseRange', description: 'First and last address given to containers' },
);

const V4Subnet = Type.Object(
  {
    subnet: Type.Optional(
      Type.String({
        description:
          'A prefix, whose host bits are cleared; `0.0.0.0/26` or `::/64` asks for a free one of that size from the pools',
        examples: ['10.91.0.0/24'],
      }),
    ),
    gateway: Type.Optional(Type.String({ examples: ['10.91.0.1'] })),
    lease_range: Type.Optional(V4LeaseRange),
  },
  { title: 'Subnet' },
);
export type V4Subnet = Static<typeof V4Subnet>;

const destination = {
  description: 'A prefix without host bits',
  examples: ['10.99.0.0/16'],
};
const gateway = { description: 'An address of a subnet of the network', examples: ['10.91.0.9'] };
const metric = {
  minimum: 0,
  maximum: 4_294_967_295,
  'x-go-type': 'uint32',
  description: 'Needs CNI plugins 1.6; 0 leaves it to the kernel',
};

/** `route_type` since podman c6580b4a52. */
const V4Route = Type.Object(
  {
    destination: Type.Optional(Type.String(destination)),
    gateway: Type.Optional(Type.String(gateway)),
    metric: Type.Optional(Type.Integer(metric)),
    route_type: Type.Optional(Type.String({ description: 'unicast (default); CNI plugins make no other' })),
  },
  { title: 'Route' },
);
export type V4Route = Static<typeof V4Route>;

export const V4CreateBody = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'Empty: named after its device', examples: [exampleNetwork.name] })),
    id: Type.Optional(Type.String({ description: 'Must be empty' })),
    driver: Type.Optional(Type.String({ description: 'bridge (default), macvlan or ipvlan' })),
    network_interface: Type.Optional(Type.String({ description: 'Bridge name, or parent of a macvlan or ipvlan' })),
    created: Type.Optional(Type.String({ description: 'Ignored; RFC 3339' })),
    subnets: Type.Optional(Type.Array(V4Subnet, { maxItems: bounds.subnets })),
    routes: Type.Optional(
      Type.Array(V4Route, { maxItems: bounds.routes, description: 'Static routes of every container of the network' }),
    ),
    ipv6_enabled: Type.Optional(Type.Boolean({ description: 'Dual stack; a family without subnet gets one' })),
    internal: Type.Optional(Type.Boolean()),
    dns_enabled: Type.Optional(Type.Boolean()),
    network_dns_servers: Type.Optional(
      strings(bounds.dnsServers, {
        description:
          'Containers ask them before those of the host; with `dns_enabled`, only when dnsname does not answer',
      }),
    ),
    labels: Type.Optional(texts(bounds.labels)),
    options: Type.Optional(
      texts(bounds.options, {
        description:
          'mtu, vlan, isolate, mode, no_default_route, metric, com.docker.network.bridge.enable_icc, podnetd.allow_reserved',
      }),
    ),
    ipam_options: Type.Optional(texts(bounds.ipamOptions, { description: '`driver`: host-local, dhcp or none' })),
  },
  { title: 'NetworkCreateLibpod', 'x-go-type': 'types.Network' },
);
export type V4CreateBody = Static<typeof V4CreateBody>;

export const V4Network = Type.Object(
  {
    name: Type.String(),
    id: Type.String({ description: 'sha256 of the name' }),
    driver: Type.String(),
    network_interface: Type.Optional(Type.String()),
    created: Type.String({ format: 'date-time' }),
    subnets: Type.Optional(
      Type.Array(
        Type.Object(
          {
            subnet: Type.String(),
            gateway: Type.Optional(Type.String()),
            lease_range: Type.Optional(V4LeaseRange),
          },
          { title: 'NetworkSubnet' },
        ),
      ),
    ),
    routes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            destination: Type.String(),
            gateway: Type.Optional(
              Type.String({ description: 'Absent in files of others: the gateway of the network' }),
            ),
            metric: Type.Optional(Type.Integer()),
          },
          { title: 'NetworkRoute' },
        ),
      ),
    ),
    ipv6_enabled: Type.Boolean(),
    internal: Type.Boolean(),
    dns_enabled: Type.Boolean(),
    network_dns_servers: Type.Optional(Type.Array(Type.String())),
    labels: Type.Optional(Strings),
    options: Type.Optional(Strings),
    ipam_options: Type.Optional(Strings),
  },
  { title: 'Network' },
);
export type V4Network = Static<typeof V4Network>;

export const V4Networks = Type.Array(V4Network);

const V4Containers = Type.Record(
  Type.String(),
  Type.Object(
    {
      name: Type.String({ description: 'Empty when the runtime did not say' }),
      interfaces: Type.Record(
        Type.String(),
        Type.Object(
          {
            subnets: Type.Optional(Type.Array(NetAddress)),
            mac_address: Type.String(),
          },
          { title: 'NetInterface' },
        ),
      ),
    },
    { title: 'NetworkContainerInfo' },
  ),
  { description: 'Who is on the network, by id' },
);
export type V4Containers = Static<typeof V4Containers>;

export const V4InspectedNetwork = Type.Object(
  { ...V4Network.properties, containers: Type.Optional(V4Containers) },
  { title: 'NetworkInspectReport', description: '`containers` from version 5 of the path on' },
);

export const V4CreateQuery = Type.Object({
  ignoreIfExists: Type.Optional(
    Type.Boolean({ description: 'Answer with the network of that name as it is; `Warning` says what differs' }),
  ),
  ...DryRun,
});

export const V4RemoveQuery = Type.Object({
  force: LibpodForce,
  timeout: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Seconds for containers to stop; podnetd stops none' }),
  ),
});

/** source: containers/common libnetwork/types/network.go@v0.50.1 PerNetworkOptions, with `options` since v0.60; podman pkg/domain/entities/network.go@v4.3.1 */
export const V4ConnectBody = Type.Object(
  {
    container: Type.Optional(Type.String({ description: 'Name or id' })),
    static_ips: Type.Optional(strings(bounds.staticAddresses)),
    aliases: Type.Optional(strings(bounds.aliases)),
    static_mac: Type.Optional(Type.String()),
    interface_name: Type.Optional(Type.String({ description: 'Inside the container' })),
    options: Type.Optional(texts(bounds.endpointOptions, { description: 'Without effect; each is warned of' })),
  },
  { title: 'NetworkConnectRequestLibpod', 'x-go-type': 'entities.NetworkConnectOptions' },
);

/** source: podman pkg/domain/entities/network.go@v5.4.2 NetworkUpdateOptions */
export const V4UpdateBody = Type.Object(
  {
    adddnsservers: Type.Optional(strings(bounds.dnsServers)),
    removednsservers: Type.Optional(strings(bounds.dnsServers)),
  },
  { title: 'NetworkUpdateRequestLibpod', 'x-go-type': 'entities.NetworkUpdateOptions' },
);
