import { Type } from '@sinclair/typebox';
import { DryRun } from '../dry-run.js';
import { exampleContainer, exampleNetwork } from '../example-story.js';
import { networkName } from './variant.js';

/** source: podman pkg/domain/entities/network.go@v4.3.1, the same in 54b588c07d */

export const LibpodParams = Type.Object({
  name: Type.String({ description: networkName, examples: [exampleNetwork.name] }),
});

export const LibpodFilters = Type.Object({
  filters: Type.Optional(
    Type.String({
      description: '`{"key":["value"]}`, or `{"key":{"value":true}}`',
      examples: ['{"label":["team=shop"]}'],
    }),
  ),
});

export const LibpodPruneQuery = Type.Object({ ...LibpodFilters.properties, ...DryRun });

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
    ipnet: Type.String({ description: 'With its prefix length', examples: [exampleContainer.ipnet] }),
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
    Container: Type.Optional(Type.String({ description: 'Name or id', examples: [exampleContainer.name] })),
    Force: Type.Optional(Type.Boolean()),
  },
  { title: 'NetworkDisconnectRequest', 'x-go-type': 'entities.NetworkDisconnectOptions' },
);
