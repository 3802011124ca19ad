import type { AnswerExample, ErrorExamples } from '../errors/route-schemas.js';

const webId = '4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2';

export const createBodies = [
  { Name: 'web' },
  {
    Name: 'db',
    Driver: 'bridge',
    Internal: true,
    IPAM: {
      Config: [
        {
          Subnet: '10.91.0.0/24',
          IPRange: '10.91.0.128/25',
          Gateway: '10.91.0.1',
          AuxiliaryAddresses: { printer: '10.91.0.200' },
        },
      ],
    },
    Options: { 'com.docker.network.driver.mtu': '1400' },
    Labels: { team: 'storage' },
  },
];

export const created: Record<string, AnswerExample> = {
  created: { summary: 'made', value: { Id: webId, Warning: '' } },
};

export const createErrors: ErrorExamples = {
  invalid: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16',
  forbidden: 'cannot create network with name "host" because it conflicts with a valid network mode',
  exists: 'network name web already used: network already exists',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  unsupported: 'unsupported driver overlay: invalid argument',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

const network = {
  Name: 'web',
  Id: webId,
  Created: '2026-01-31T12:00:00.123456789Z',
  Scope: 'local',
  Driver: 'bridge',
  EnableIPv6: false,
  IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '10.89.0.0/24', Gateway: '10.89.0.1' }] },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: {},
  Options: {},
  Labels: {},
};

export const inspected: Record<string, AnswerExample> = {
  network: { summary: 'a bridge network', value: network },
  used: {
    summary: 'with a container on it',
    value: {
      ...network,
      Containers: {
        '4f1d2c3b4a596878695a4b3c2d1e0f00112233445566778899aabbccddeeff00': {
          Name: 'front',
          EndpointID: 'f9de24deb80e6c0b0c4e0a6b8f7bd5a8b1e9e08ad4f2c3c3c4b1b1a5f8f0d6c1',
          MacAddress: '6a:5e:09:0b:5c:e4',
          IPv4Address: '10.89.0.2/24',
          IPv6Address: '',
        },
      },
    },
  },
};

export const inspectErrors: ErrorExamples = {
  notFound: 'unable to find network with name or ID nope: network not found',
  ambiguous: 'more than one result for network ID 4',
};

export const listed: Record<string, AnswerExample> = {
  networks: { summary: 'one network', value: [network] },
};

export const listErrors: ErrorExamples = {
  filter: 'invalid filter "foo"',
  storage: 'scandir /etc/cni/net.d: EACCES: permission denied',
};

export const removeErrors: ErrorExamples = {
  ...inspectErrors,
  forbidden: 'default network podman cannot be removed',
  inUse: '"web" has associated containers with it. Disconnect or remove them first: web-1: network is being used',
  storage: 'unlink /etc/cni/net.d/web.conflist: EROFS: read-only file system',
  busy: createErrors.busy ?? '',
};

export const pruned: Record<string, AnswerExample> = {
  removed: { summary: 'two are gone', value: { NetworksDeleted: ['db', 'web'] } },
  nothing: { summary: 'every network is in use', value: { NetworksDeleted: [] } },
};

export const pruneErrors: ErrorExamples = {
  filter: 'specify exactly one timestamp for until',
  storage: 'scandir /etc/cni/net.d: EACCES: permission denied',
  busy: createErrors.busy ?? '',
};

export const connectBodies = [
  { Container: 'web-1' },
  { Container: 'web-1', EndpointConfig: { IPAMConfig: { IPv4Address: '10.91.0.130' }, Aliases: ['db'] } },
];

export const connectErrors: ErrorExamples = {
  ...inspectErrors,
  invalid: 'requested static ip 10.9.0.4 not in any subnet on network front',
  inUse: 'container web-1 is already connected to network "front": network is already connected',
  plugin: 'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set',
  busy: 'container web-1 and network front are being worked on by another process',
};

export const disconnectBodies = [{ Container: 'web-1', Force: false }];

export const disconnectErrors: ErrorExamples = {
  ...inspectErrors,
  invalid: 'container web-1 is not connected to network front',
  plugin: 'plugin type="bridge" failed (delete): killed after 60000 ms',
  busy: 'container web-1 and network front are being worked on by another process',
};
