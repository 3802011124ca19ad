import { Type } from '@sinclair/typebox';
import type { EventWords } from '../events/route.js';
import { libpodEventFields, nameLibpodAction, writeLibpodEvent } from '../libpod/events.js';
import { libpodV4Statuses } from '../errors/statuses.js';

const V4Event = Type.Object(
  {
    status: Type.String({ description: 'As Action' }),
    id: Type.String({ description: 'As Actor.ID' }),
    ...libpodEventFields,
  },
  { title: 'Event' },
);

export const libpodV4Events: EventWords = {
  operationId: 'libpodV4Events',
  statuses: libpodV4Statuses,
  schema: V4Event,
  // source: podman pkg/util/utils.go@v4.3.1 ParseInputTime
  untilDuration: 'future',
  nameAction: nameLibpodAction,
  write: (event, action) => {
    const written = writeLibpodEvent(event, action);
    return { status: action, id: written.Actor.ID, ...written };
  },
};
