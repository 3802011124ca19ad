import { Type } from '@sinclair/typebox';
import { networkName } from './voice.js';

/** source: podman pkg/domain/entities/network.go@v4.3.1, the same in 54b588c07d */

export const LibpodParams = Type.Object({ name: Type.String({ description: networkName }) });

export const LibpodFilters = Type.Object({
  filters: Type.Optional(
    Type.String({
      description: '`{"key":["value"]}`, or `{"key":{"value":true}}`',
      examples: ['{"label":["team=storage"]}'],
    }),
  ),
});

/** `null`: any text here makes podman-remote fail to read the answer. */
const NoError = Type.Null({ description: 'Always null: a failure is an error status' });

export const RemoveReports = Type.Array(
  Type.Object({ Name: Type.String({ description: 'As asked for' }), Err: NoError }, { title: 'NetworkRmReport' }),
);

export const PruneReports = Type.Array(
  Type.Object({ Name: Type.String(), Error: NoError }, { title: 'NetworkPruneReport' }),
);

/** An address that an interface has. source: containers/common libnetwork/types/network.go@v0.50.1 */
export const NetAddress = Type.Object(
  {
    ipnet: Type.String({ description: 'With its prefix length', examples: ['10.89.0.9/24'] }),
    gateway: Type.Optional(Type.String()),
  },
  { title: 'NetAddress' },
);

export const LibpodForce = Type.Optional(
  Type.Boolean({ description: 'Containers that are in the way cannot be removed: podnetd runs none' }),
);

/** source: podman pkg/domain/entities/network.go NetworkDisconnectOptions */
export const DisconnectBody = Type.Object(
  {
    Container: Type.Optional(Type.String({ description: 'Name or id', examples: ['web1'] })),
    Force: Type.Optional(Type.Boolean()),
  },
  { title: 'NetworkDisconnectRequest', 'x-go-type': 'entities.NetworkDisconnectOptions' },
);
