import { Type } from '@sinclair/typebox';
import type { NetworkEvent } from '../../model/event.js';
import type { EventWords } from '../events/route.js';
import { compatStatuses } from '../errors/statuses.js';
import { formOf } from './version-form.js';

/** source: moby api/types/events/events.go@v28.5.2 */
const CompatEvent = Type.Object(
  {
    Type: Type.String(),
    Action: Type.String({ description: 'create, update, destroy, connect, disconnect or prune' }),
    Actor: Type.Object(
      {
        ID: Type.String({ description: 'Of the network' }),
        Attributes: Type.Record(Type.String(), Type.String()),
      },
      { title: 'EventActor' },
    ),
    scope: Type.String(),
    time: Type.Integer({ description: 'Seconds since the epoch' }),
    timeNano: Type.Integer({ description: 'Nanoseconds since the epoch' }),
  },
  { title: 'EventMessage' },
);

const actions: Readonly<Record<NetworkEvent['action'], string>> = {
  create: 'create',
  // Docker's own is about networks of a swarm. source: moby daemon/cluster/services.go@v28.5.2
  update: 'update',
  remove: 'destroy',
  prune: 'prune',
  connect: 'connect',
  disconnect: 'disconnect',
};

/** source: moby daemon/events.go@v28.5.2 */
export const compatEvents: EventWords = {
  operationId: 'compatEvents',
  statuses: compatStatuses,
  schema: CompatEvent,
  usualMediaType: (version) => formOf(version).eventMediaType,
  // As in Podman; Docker's own clients compute the time themselves.
  untilDuration: 'future',
  nameAction: ({ action }) => actions[action],
  write: ({ network, container, timeNs }, action) => ({
    Type: 'network',
    Action: action,
    Actor: {
      ID: network?.id ?? '',
      Attributes:
        network === undefined
          ? { reclaimed: '0' }
          : { ...(container && { container: container.id }), name: network.name, type: network.driver },
    },
    scope: 'local',
    time: timeNs / 1_000_000_000n,
    timeNano: timeNs,
  }),
};
