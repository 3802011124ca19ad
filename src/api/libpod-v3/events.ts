import { Type } from '@sinclair/typebox';
import type { EventWords } from '../events/route.js';
import { libpodEventFields, nameLibpodAction, writeLibpodEvent } from '../libpod/events.js';
import { libpodV3Statuses } from '../errors/statuses.js';

export const libpodV3Events: EventWords = {
  operationId: 'libpodV3Events',
  statuses: libpodV3Statuses,
  schema: Type.Object(libpodEventFields, { title: 'Event' }),
  // source: podman pkg/util/utils.go@v3.2.0 ParseInputTime
  untilDuration: 'past',
  nameAction: nameLibpodAction,
  write: writeLibpodEvent,
};
