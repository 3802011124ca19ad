import { Type, type Static } from '@sinclair/typebox';

/** Docker's names. source: moby api/types/network@v28; podman pkg/api/handlers/compat/networks.go@v4.3.1 */

const Strings = Type.Record(Type.String(), Type.String());

export const CompatPool = Type.Object(
  {
    Subnet: Type.Optional(Type.String({ examples: ['10.91.0.0/24'] })),
    IPRange: Type.Optional(Type.String({ examples: ['10.91.0.128/25'] })),
    Gateway: Type.Optional(Type.String({ examples: ['10.91.0.1'] })),
    AuxiliaryAddresses: Type.Optional(Strings),
  },
  { title: 'IPAMConfig' },
);

export const CompatCreateBody = Type.Object(
  {
    Name: Type.Optional(Type.String({ description: 'Empty: named after its device', examples: ['web'] })),
    CheckDuplicate: Type.Optional(Type.Boolean({ description: 'Ignored: a name is never given twice' })),
    Driver: Type.Optional(Type.String({ description: 'bridge (default), macvlan or ipvlan', examples: ['bridge'] })),
    Scope: Type.Optional(Type.String({ description: 'Only `local`' })),
    EnableIPv6: Type.Optional(Type.Boolean({ description: 'Adds the family that no pool names' })),
    IPAM: Type.Optional(
      Type.Object(
        {
          Driver: Type.Optional(Type.String({ description: 'default, host-local, dhcp or none' })),
          Options: Type.Optional(Strings),
          Config: Type.Optional(Type.Array(CompatPool)),
        },
        { title: 'IPAM' },
      ),
    ),
    Internal: Type.Optional(Type.Boolean()),
    Attachable: Type.Optional(Type.Boolean({ description: 'Every network is' })),
    Ingress: Type.Optional(Type.Boolean({ description: 'Only false' })),
    ConfigOnly: Type.Optional(Type.Boolean({ description: 'Only false' })),
    ConfigFrom: Type.Optional(Type.Object({ Network: Type.Optional(Type.String()) }, { title: 'ConfigReference' })),
    Options: Type.Optional(Strings),
    Labels: Type.Optional(Strings),
  },
  { title: 'NetworkCreateRequest', 'x-go-type': 'types.NetworkCreateRequest' },
);
export type CompatCreateBody = Static<typeof CompatCreateBody>;

export const CompatCreated = Type.Object(
  { Id: Type.String(), Warning: Type.String() },
  { title: 'NetworkCreateResponse' },
);

export const CompatNetwork = Type.Object(
  {
    Name: Type.String(),
    Id: Type.String({ description: 'sha256 of the name' }),
    Created: Type.String({ format: 'date-time' }),
    Scope: Type.String(),
    Driver: Type.String(),
    EnableIPv6: Type.Boolean(),
    IPAM: Type.Object({
      Driver: Type.String(),
      Options: Strings,
      Config: Type.Array(
        Type.Object({
          Subnet: Type.String(),
          IPRange: Type.Optional(Type.String()),
          Gateway: Type.Optional(Type.String()),
        }),
      ),
    }),
    Internal: Type.Boolean(),
    Attachable: Type.Boolean(),
    Ingress: Type.Boolean(),
    ConfigFrom: Type.Object({ Network: Type.String() }),
    ConfigOnly: Type.Boolean(),
    Containers: Type.Record(Type.String(), Type.Object({})),
    Options: Strings,
    Labels: Strings,
  },
  { title: 'NetworkResource' },
);
export type CompatNetwork = Static<typeof CompatNetwork>;

export const CompatNetworkParams = Type.Object({
  id: Type.String({ description: 'Name, id, or the unique beginning of an id' }),
});
