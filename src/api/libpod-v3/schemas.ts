import { Type, type Static } from '@sinclair/typebox';

/** source: podman pkg/domain/entities/network.go@54b588c07d NetworkCreateOptions, Go net.IPNet */

const Strings = Type.Record(Type.String(), Type.String());

const IpNet = Type.Object(
  {
    IP: Type.Optional(Type.String({ description: 'Empty: not given', examples: ['10.91.0.0'] })),
    Mask: Type.Optional(
      Type.Union(
        [
          Type.String({ description: 'The bytes of the mask in base64' }),
          Type.Array(Type.Integer({ minimum: 0, maximum: 255 })),
        ],
        {
          examples: ['//8AAA=='],
          'x-go-type': 'net.IPMask',
        },
      ),
    ),
  },
  { title: 'IPNet', 'x-go-type': 'net.IPNet' },
);
export type IpNet = Static<typeof IpNet>;

export const V3CreateQuery = Type.Object({
  name: Type.Optional(Type.String({ description: 'Empty: named after its device' })),
});

export const V3CreateBody = Type.Object(
  {
    DisableDNS: Type.Optional(Type.Boolean()),
    Driver: Type.Optional(Type.String({ description: 'bridge (default) or macvlan' })),
    Gateway: Type.Optional(Type.String({ examples: ['10.91.0.1'] })),
    Internal: Type.Optional(Type.Boolean()),
    Labels: Type.Optional(Strings),
    MacVLAN: Type.Optional(
      Type.String({ description: 'Parent device; makes it a macvlan network whatever the driver' }),
    ),
    IPRange: Type.Optional(IpNet),
    Range: Type.Optional(IpNet),
    Subnet: Type.Optional(IpNet),
    IPv6: Type.Optional(Type.Boolean({ description: 'Dual stack; needs an IPv6 subnet, an IPv4 one is added' })),
    Options: Type.Optional(Strings),
  },
  { title: 'NetworkCreateOptions', 'x-go-type': 'entities.NetworkCreateOptions' },
);
export type V3CreateBody = Static<typeof V3CreateBody>;

export const V3Created = Type.Object(
  { Filename: Type.String({ description: 'Absolute path of the conflist' }) },
  { title: 'NetworkCreateReport' },
);

export const V3Params = Type.Object({
  name: Type.String({ description: 'Name, id, or the unique beginning of an id' }),
});

/** The file as it is, keys sorted; clients before 3.1 get it in an array. */
export const V3Network = Type.Unknown({ title: 'NetworkInspectReport', description: 'The conflist, keys sorted' });
