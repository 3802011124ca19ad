import type { NetworkEvent } from '../model/event.js';

/**
 * The examples of all documents are about one network and one container on it, so that a reader can follow them from the create to the remove.
 * The container is a bare network namespace, as `ip netns add front` makes it; the ids are those that podnetd makes of the names.
 */

export const exampleNetwork = {
  name: 'web',
  id: '4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2',
  driver: 'bridge',
  bridge: 'cni-podman1',
  subnet: '10.89.0.0/24',
  gateway: '10.89.0.1',
  labels: { team: 'shop' },
  created: '2026-01-31T12:00:00.5Z',
};

export const exampleContainer = {
  id: '14fee361bf3f0596f9df116d1314505395c6f26daefdf4cb3bd54e012ce3ddc8',
  name: 'front',
  netns: '/run/netns/front',
  interface: 'eth0',
  endpointId: '2be663db880fd22d15e0cf4f73c172e8936b6922391db0a3920fc0ac79c52baf',
  macAddress: '6a:5e:09:0b:5c:e4',
  address: '10.89.0.9',
  ipnet: '10.89.0.9/24',
  alias: 'www',
};

const createdNs = BigInt(Date.parse(exampleNetwork.created)) * 1_000_000n;
const secondNs = 1_000_000_000n;

/** The events of the story in their order, each with a summary. */
export const exampleEvents: readonly (readonly [summary: string, event: NetworkEvent])[] = [
  ['a network is made', eventOf('create', 0n)],
  ['a container is put on it', eventOf('connect', 60n)],
  ['the container is taken off', eventOf('disconnect', 3_600n)],
  ['the network is removed', eventOf('remove', 3_660n)],
  [
    'a prune is over',
    { action: 'prune', timeNs: createdNs + 3_720n * secondNs, network: undefined, container: undefined },
  ],
];

function eventOf(action: NetworkEvent['action'], seconds: bigint): NetworkEvent {
  const { id, name, driver, labels } = exampleNetwork;
  return {
    action,
    timeNs: createdNs + seconds * secondNs,
    network: { id, name, driver, labels: new Map(Object.entries(labels)) },
    container: action === 'connect' || action === 'disconnect' ? exampleContainer : undefined,
  };
}

/** An `ETag` of the network. */
export const exampleTag = '5f1d7a84db00d2fce00b31a7fc73224f2bd8a1c05e7799d0104f3b6a55c8e9124d7ab06fe3c18d92';
