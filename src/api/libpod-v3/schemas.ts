import { Type, type Static } from '@sinclair/typebox';
import { bounds } from '../../model/bounds.js';
import { strings, texts } from '../bounded-schemas.js';
import { DryRun } from '../dry-run.js';
import { exampleNetwork } from '../example-story.js';
import { LibpodForce } from '../libpod/schemas.js';

/**
 * Named as in Podman's own document. source: podman pkg/domain/entities/network.go@54b588c07d NetworkCreateOptions, Go net.IPNet;
 * pkg/api/handlers/libpod/swagger.go, pkg/api/server/register_networks.go@v3.2.0
 */

const Strings = Type.Record(Type.String(), Type.String());

const IpNet = Type.Object(
  {
    IP: Type.Optional(Type.String({ description: 'Empty: not given', examples: ['10.91.0.0'] })),
    Mask: Type.Optional(
      Type.Union(
        [
          Type.String({ description: 'The bytes of the mask in base64' }),
          Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: bounds.maskBytes }),
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
  name: Type.Optional(Type.String({ description: 'Empty: named after its device', examples: [exampleNetwork.name] })),
  ...DryRun,
});

export const V3CreateBody = Type.Object(
  {
    DisableDNS: Type.Optional(Type.Boolean()),
    Driver: Type.Optional(Type.String({ description: 'bridge (default) or macvlan' })),
    Gateway: Type.Optional(Type.String({ examples: ['10.91.0.1'] })),
    Internal: Type.Optional(Type.Boolean()),
    Labels: Type.Optional(texts(bounds.labels)),
    MacVLAN: Type.Optional(
      Type.String({ description: 'Parent device; makes it a macvlan network whatever the driver' }),
    ),
    IPRange: Type.Optional(IpNet),
    Range: Type.Optional(IpNet),
    Subnet: Type.Optional(IpNet),
    IPv6: Type.Optional(Type.Boolean({ description: 'Dual stack; needs an IPv6 subnet, an IPv4 one is added' })),
    Options: Type.Optional(texts(bounds.options)),
  },
  { title: 'NetworkCreateOptions', 'x-go-type': 'entities.NetworkCreateOptions' },
);
export type V3CreateBody = Static<typeof V3CreateBody>;

export const V3Created = Type.Object(
  { Filename: Type.String({ description: 'Absolute path of the conflist' }) },
  { title: 'NetworkCreateReport' },
);

/** The file as it is, keys sorted; clients of 2.0 to 3.0 get it in an array. */
export const V3Network = Type.Unknown({ title: 'NetworkInspectReport', description: 'The conflist, keys sorted' });

export const V3RemoveQuery = Type.Object({ force: LibpodForce });

/** source: podman pkg/domain/entities/network.go@54b588c07d NetworkConnectOptions */
export const V3ConnectBody = Type.Object(
  {
    Container: Type.Optional(Type.String({ description: 'Name or id' })),
    Aliases: Type.Optional(strings(bounds.aliases)),
  },
  { title: 'NetworkConnectRequest', 'x-go-type': 'entities.NetworkConnectOptions' },
);

const Base64 = (description: string) => Type.String({ contentEncoding: 'base64', description });

/** source: podman pkg/domain/entities/network.go@54b588c07d NetworkListReport, containernetworking/cni pkg/types@v0.8.1 NetConf */
const V3Plugin = Type.Object(
  {
    Network: Type.Object(
      {
        cniVersion: Type.Optional(Type.String()),
        name: Type.Optional(Type.String()),
        type: Type.String(),
        capabilities: Type.Optional(Type.Record(Type.String(), Type.Boolean())),
        ipam: Type.Object({ type: Type.Optional(Type.String()) }, { title: 'IPAM' }),
        dns: Type.Object(
          {
            nameservers: Type.Optional(Type.Array(Type.String())),
            domain: Type.Optional(Type.String()),
            search: Type.Optional(Type.Array(Type.String())),
            options: Type.Optional(Type.Array(Type.String())),
          },
          { title: 'DNS' },
        ),
        prevResult: Type.Optional(Type.Unknown()),
      },
      { title: 'NetConf' },
    ),
    Bytes: Base64('The plugin printed compactly, keys sorted'),
  },
  { title: 'NetworkConfig' },
);
export type V3Plugin = Static<typeof V3Plugin>;

export const V3NetworkReport = Type.Object(
  {
    Name: Type.String(),
    CNIVersion: Type.String(),
    DisableCheck: Type.Boolean(),
    Plugins: Type.Array(V3Plugin),
    Bytes: Base64('The file as it is'),
    Labels: Type.Union([Strings, Type.Null()], { description: 'null when the file has no `args.podman_labels`' }),
  },
  { title: 'NetworkListReport' },
);
export type V3NetworkReport = Static<typeof V3NetworkReport>;

export const V3NetworkReports = Type.Array(V3NetworkReport);
