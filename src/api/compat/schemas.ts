import { Type, type Static } from '@sinclair/typebox';
import { bounds } from '../../model/bounds.js';
import { strings, texts } from '../bounded-schemas.js';
import { DockerDryRun } from '../dry-run.js';
import { exampleContainer, exampleNetwork } from '../example-story.js';

/**
 * Requests, by Docker's names. Docker's own document has one schema for what a client sends and what it reads; here the one that a client
 * sends has Docker's name, and the one that it reads, with the members that are always there, has `Network` before it.
 *
 * source: moby api/types/network@v28, api/swagger.yaml@v28.5.2; podman pkg/api/handlers/compat/networks.go@v4.3.1
 */

export const CompatPool = Type.Object(
  {
    Subnet: Type.Optional(
      Type.String({
        description: 'A prefix; `0.0.0.0/26` or `::/64` asks for a free one of that size from the pools',
        examples: ['10.91.0.0/24'],
      }),
    ),
    IPRange: Type.Optional(Type.String({ examples: ['10.91.0.128/25'] })),
    Gateway: Type.Optional(Type.String({ examples: ['10.91.0.1'] })),
    AuxiliaryAddresses: Type.Optional(
      texts(bounds.auxiliaryAddresses, {
        description: 'Addresses that are never given to a container, by the host that has each',
        examples: [{ printer: '10.91.0.200' }],
      }),
    ),
  },
  { title: 'IPAMConfig' },
);

export const CompatCreateBody = Type.Object(
  {
    Name: Type.Optional(Type.String({ description: 'Empty: named after its device', examples: [exampleNetwork.name] })),
    CheckDuplicate: Type.Optional(Type.Boolean({ description: 'Ignored: a name is never given twice' })),
    Driver: Type.Optional(Type.String({ description: 'bridge (default), macvlan or ipvlan', examples: ['bridge'] })),
    Scope: Type.Optional(Type.String({ description: 'Only `local`' })),
    EnableIPv4: Type.Optional(Type.Boolean({ description: 'False: no IPv4 subnet is added' })),
    EnableIPv6: Type.Optional(Type.Boolean({ description: 'Adds the family that no pool names' })),
    IPAM: Type.Optional(
      Type.Object(
        {
          Driver: Type.Optional(Type.String({ description: 'default, host-local, dhcp, or none (null)' })),
          Options: Type.Optional(texts(bounds.ipamOptions)),
          Config: Type.Optional(Type.Array(CompatPool, { maxItems: bounds.subnets })),
        },
        { title: 'IPAM' },
      ),
    ),
    Internal: Type.Optional(Type.Boolean()),
    Attachable: Type.Optional(Type.Boolean({ description: 'Every network is; shown as sent' })),
    Ingress: Type.Optional(Type.Boolean({ description: 'Only false' })),
    ConfigOnly: Type.Optional(Type.Boolean({ description: 'Only false' })),
    ConfigFrom: Type.Optional(Type.Object({ Network: Type.Optional(Type.String()) }, { title: 'ConfigReference' })),
    Options: Type.Optional(texts(bounds.options)),
    Labels: Type.Optional(texts(bounds.labels)),
  },
  { title: 'NetworkCreateRequest', 'x-go-type': 'types.NetworkCreateRequest' },
);
export type CompatCreateBody = Static<typeof CompatCreateBody>;

export const CompatCreated = Type.Object(
  { Id: Type.String(), Warning: Type.String() },
  { title: 'NetworkCreateResponse' },
);

export const CompatNetworkParams = Type.Object({
  id: Type.String({ description: 'Name, id, or the unique beginning of an id', examples: [exampleNetwork.name] }),
});

export const CompatListQuery = Type.Object({
  filters: Type.Optional(
    Type.String({
      description:
        'JSON, `{"key":["value"]}` or `{"key":{"value":true}}`. Keys: name, id, label, label!, driver, type (builtin, custom), scope, dangling, until',
      examples: ['{"label":["team=shop"]}'],
    }),
  ),
});

export const CompatCreateQuery = Type.Object(DockerDryRun);

export const CompatPruneQuery = Type.Object({
  filters: Type.Optional(
    Type.String({
      description: 'JSON as for the list. Keys: label, label!, until',
      examples: ['{"until":["24h"]}'],
    }),
  ),
  ...DockerDryRun,
});

export const CompatInspectQuery = Type.Object({
  verbose: Type.Optional(Type.String({ description: 'Without effect: there are no services' })),
  scope: Type.Optional(Type.String({ description: 'Without effect: every network is local' })),
});

/** Any value will do, as for Docker. source: moby api/server/httputils/form.go@v28 BoolValue */
export const CompatRemoveQuery = Type.Object({
  force: Type.Optional(
    Type.String({ description: 'No container can be forced off; it is said who is on the network' }),
  ),
  timeout: Type.Optional(Type.String({ description: 'Without effect: seconds to wait for containers' })),
  ...DockerDryRun,
});

export const CompatPruned = Type.Object(
  { NetworksDeleted: Type.Array(Type.String()) },
  { title: 'NetworkPruneResponse' },
);

const EndpointIpamConfig = Type.Object(
  {
    IPv4Address: Type.Optional(Type.String({ examples: [exampleContainer.address] })),
    IPv6Address: Type.Optional(Type.String({ examples: ['fd00:91::8'] })),
    LinkLocalIPs: Type.Optional(strings(bounds.staticAddresses)),
  },
  { title: 'EndpointIPAMConfig' },
);

export const CompatEndpointSettings = Type.Object(
  {
    IPAMConfig: Type.Optional(EndpointIpamConfig),
    Links: Type.Optional(strings(bounds.links)),
    Aliases: Type.Optional(strings(bounds.aliases, { examples: [[exampleContainer.alias]] })),
    MacAddress: Type.Optional(Type.String({ examples: [exampleContainer.macAddress] })),
    DriverOpts: Type.Optional(
      texts(bounds.endpointOptions, {
        description: 'com.docker.network.endpoint.ifname names the interface; others have no effect, and are warned of',
      }),
    ),
    GwPriority: Type.Optional(Type.Integer()),
    NetworkID: Type.Optional(Type.String()),
    EndpointID: Type.Optional(Type.String()),
    Gateway: Type.Optional(Type.String()),
    IPAddress: Type.Optional(Type.String()),
    IPPrefixLen: Type.Optional(Type.Integer()),
    IPv6Gateway: Type.Optional(Type.String()),
    GlobalIPv6Address: Type.Optional(Type.String()),
    GlobalIPv6PrefixLen: Type.Optional(Type.Integer()),
    DNSNames: Type.Optional(strings(bounds.aliases)),
  },
  { title: 'EndpointSettings' },
);

export const CompatConnectBody = Type.Object(
  {
    Container: Type.Optional(Type.String({ description: 'Name or id', examples: [exampleContainer.name] })),
    EndpointConfig: Type.Optional(CompatEndpointSettings),
  },
  { title: 'NetworkConnectRequest', 'x-go-type': 'NetworkConnect' },
);
export type CompatConnectBody = Static<typeof CompatConnectBody>;

export const CompatDisconnectBody = Type.Object(
  {
    Container: Type.Optional(Type.String({ description: 'Name or id', examples: [exampleContainer.name] })),
    Force: Type.Optional(Type.Boolean()),
  },
  { title: 'NetworkDisconnectRequest', 'x-go-type': 'NetworkDisconnect' },
);
export type CompatDisconnectBody = Static<typeof CompatDisconnectBody>;
