import { Type } from '@sinclair/typebox';
import type { NetworkEvent } from '../../model/event.js';

/** The members of an event that libpod 3 and libpod 4 share. source: podman pkg/domain/entities/events.go@v5.4.2 */

export const libpodEventFields = {
  Type: Type.String(),
  Action: Type.String({ description: 'create, update, remove, connect or disconnect' }),
  Actor: Type.Object(
    {
      ID: Type.String({ description: 'Of the network; of the container for connect and disconnect' }),
      Attributes: Type.Record(Type.String(), Type.String()),
    },
    { title: 'EventActor' },
  ),
  scope: Type.String(),
  time: Type.Integer({ description: 'Seconds since the epoch' }),
  timeNano: Type.Integer({ description: 'Nanoseconds since the epoch' }),
};

/** libpod has no event of a prune. DIVERGES: nor one of a network's update, which podnetd reports in the same form. source: podman libpod/events.go@v5.8.2 */
export function nameLibpodAction({ action }: NetworkEvent): string | undefined {
  return action === 'prune' ? undefined : action;
}

/**
 * DIVERGES: `name` is that of the network where there is no container, which clients before 5 print; Podman 5 leaves it empty.
 * QUIRK(podman): clients before 5 drop an event without `containerExitCode`.
 */
export function writeLibpodEvent({ network, container, timeNs }: NetworkEvent, action: string) {
  const { name = '', driver = '', id = '' } = network ?? {};
  return {
    Type: 'network',
    Action: action,
    Actor: {
      ID: container?.id ?? id,
      Attributes: {
        containerExitCode: '0',
        ...(container === undefined && { driver }),
        image: '',
        name: container === undefined ? name : (container.name ?? ''),
        network: name,
        podId: '',
      },
    },
    scope: 'local',
    time: timeNs / 1_000_000_000n,
    timeNano: timeNs,
  };
}
