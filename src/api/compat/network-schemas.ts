import { Type, type Static } from '@sinclair/typebox';
import { exampleContainer } from '../example-story.js';

/**
 * Networks as clients read them; `VersionForm` says which members a version has.
 *
 * source: moby api/swagger.yaml@api/v1.56.0; podman pkg/api/handlers/compat/networks.go@v4.3.1
 */

const Strings = Type.Record(Type.String(), Type.String());

const NetworkContainer = Type.Object(
  {
    Name: Type.String({ description: 'Of the container; its id where the runtime did not say' }),
    EndpointID: Type.String({ description: 'Made from network, container and interface' }),
    MacAddress: Type.String(),
    IPv4Address: Type.String({
      description: 'With its prefix length; empty for none',
      examples: [exampleContainer.ipnet],
    }),
    IPv6Address: Type.String({ examples: ['fd00:91::2/64'] }),
  },
  { title: 'NetworkContainer' },
);

/** @param description who is in it */
const containers = (description: string) => Type.Record(Type.String(), NetworkContainer, { description });
export type CompatContainers = Static<ReturnType<typeof containers>>;

const NetworkIpam = Type.Object(
  {
    Driver: Type.String(),
    Options: Type.Union([Strings, Type.Null()], { description: 'null when the request had none' }),
    Config: Type.Array(
      Type.Object(
        {
          Subnet: Type.String(),
          IPRange: Type.Optional(Type.String()),
          Gateway: Type.Optional(
            Type.String({ description: 'Below version 1.52 absent where a request named the subnet and no gateway' }),
          ),
          AuxiliaryAddresses: Type.Optional(Strings),
        },
        { title: 'NetworkIPAMConfig' },
      ),
    ),
  },
  { title: 'NetworkIPAM' },
);

/** In the order of Docker before 29, which Podman has too. */
const membersBefore = {
  Name: Type.String(),
  Id: Type.String({ description: 'sha256 of the name' }),
  Created: Type.String({ format: 'date-time' }),
  Scope: Type.String(),
  Driver: Type.String(),
  EnableIPv4: Type.Optional(Type.Boolean({ description: 'From version 1.47 on' })),
  EnableIPv6: Type.Boolean(),
  IPAM: NetworkIpam,
  Internal: Type.Boolean(),
  Attachable: Type.Boolean(),
  Ingress: Type.Boolean(),
  ConfigFrom: Type.Object({ Network: Type.String() }, { title: 'NetworkConfigReference' }),
  ConfigOnly: Type.Boolean(),
};
const membersAfter = { Options: Strings, Labels: Strings };

const Count = (description: string) => Type.Integer({ description: `${description}; 2^64 - 1 at most` });

const SubnetStatus = Type.Object(
  {
    IPsInUse: Count(
      'Addresses that are leased or that host-local leases to no container: reserved, gateway, network, broadcast',
    ),
    DynamicIPsAvailable: Count('Addresses of the lease range that containers can still get'),
  },
  { title: 'SubnetStatus' },
);

const NetworkStatus = Type.Object(
  {
    IPAM: Type.Object(
      {
        Subnets: Type.Optional(
          Type.Record(Type.String(), SubnetStatus, {
            description: 'By prefix; absent where addresses come from another plugin than host-local',
          }),
        ),
      },
      { title: 'IPAMStatus' },
    ),
  },
  { title: 'NetworkStatus', description: 'From version 1.52 on' },
);

/** A network in a list. */
export const CompatSummary = Type.Object(
  {
    ...membersBefore,
    Containers: Type.Optional(
      containers('Absent from version 1.52 on; empty from 1.28 on; before that who is on the network, by id'),
    ),
    ...membersAfter,
  },
  { title: 'NetworkSummary' },
);
export type CompatSummary = Static<typeof CompatSummary>;

export const CompatNetwork = Type.Object(
  {
    ...membersBefore,
    Containers: containers('Who is on the network, by id'),
    ...membersAfter,
    Status: Type.Optional(NetworkStatus),
  },
  { title: 'NetworkInspect' },
);
export type CompatNetwork = Static<typeof CompatNetwork>;

export const CompatNetworks = Type.Array(CompatSummary);
export type CompatNetworks = Static<typeof CompatNetworks>;
