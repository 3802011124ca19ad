import { Type } from '@sinclair/typebox';
import type { NetworkEvent } from '../../model/event.js';
import type { EventWords } from '../events/route.js';
import { compatStatuses } from '../errors/statuses.js';

/** source: moby api/types/events/events.go@v28.5.2 */
const CompatEvent = Type.Object(
  {
    Type: Type.String(),
    Action: Type.String({ description: 'create, destroy, connect, disconnect or prune' }),
    Actor: Type.Object({
      ID: Type.String({ description: 'Of the network' }),
      Attributes: Type.Record(Type.String(), Type.String()),
    }),
    scope: Type.String(),
    time: Type.Integer({ description: 'Seconds since the epoch' }),
    timeNano: Type.Integer({ description: 'Nanoseconds since the epoch' }),
  },
  { title: 'EventMessage' },
);

const actions: Readonly<Record<NetworkEvent['action'], string>> = {
  create: 'create',
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
  examples: {
    create: {
      summary: 'a network was made',
      value: {
        Type: 'network',
        Action: 'create',
        Actor: {
          ID: '4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2',
          Attributes: { name: 'web', type: 'bridge' },
        },
        scope: 'local',
        time: 1764072000,
        timeNano: 1764072000000000000,
      },
    },
  },
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
