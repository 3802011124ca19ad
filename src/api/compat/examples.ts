import { exampleContainer, exampleNetwork } from '../example-story.js';
import type { AnswerExample, ErrorExamples } from '../errors/route-schemas.js';
import { outdatedExample } from '../libpod/variant.js';

export const createBodies = [
  { Name: exampleNetwork.name, Labels: exampleNetwork.labels },
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
  created: { summary: 'made', value: { Id: exampleNetwork.id, Warning: '' } },
};

/** For a route that takes `dryRun`. */
const dryRunRefusal = 'dryRun=maybe is neither true nor false: write one of true, false, 1, 0, yes, no';

export const createErrors: ErrorExamples = {
  dryRun: dryRunRefusal,
  invalid: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16',
  forbidden: 'cannot create network with name "host" because it conflicts with a valid network mode',
  exists: 'network name web already used: network already exists',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  unsupported: 'unsupported driver overlay: invalid argument',
  outdated:
    'what the plan rests on has changed: its revision is 5f1d7a84db00d2fce00b31a7fc73224f, If-Match asks for 9c46a4ac51e8b6bd0f1f5b4f3bd5a3f3',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

const summary = {
  Name: exampleNetwork.name,
  Id: exampleNetwork.id,
  Created: exampleNetwork.created,
  Scope: 'local',
  Driver: exampleNetwork.driver,
  EnableIPv4: true,
  EnableIPv6: false,
  IPAM: {
    Driver: 'default',
    Options: null,
    Config: [{ Subnet: exampleNetwork.subnet, Gateway: exampleNetwork.gateway }],
  },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Options: {},
  Labels: exampleNetwork.labels,
};

/** @param inUse its own addresses, and those of containers */
const statusOf = (inUse: number) => ({
  IPAM: { Subnets: { [exampleNetwork.subnet]: { IPsInUse: inUse, DynamicIPsAvailable: 256 - inUse } } },
});

const network = { ...summary, Containers: {}, Status: statusOf(3) };

export const inspected: Record<string, AnswerExample> = {
  network: { summary: 'a bridge network', value: network },
  used: {
    summary: 'with a container on it',
    value: {
      ...network,
      Containers: {
        [exampleContainer.id]: {
          Name: exampleContainer.name,
          EndpointID: exampleContainer.endpointId,
          MacAddress: exampleContainer.macAddress,
          IPv4Address: exampleContainer.ipnet,
          IPv6Address: '',
        },
      },
      Status: statusOf(4),
    },
  },
};

export const inspectErrors: ErrorExamples = {
  notFound: 'unable to find network with name or ID nope: network not found',
  ambiguous: 'more than one result for network ID 4',
};

export const listed: Record<string, AnswerExample> = {
  networks: { summary: 'one network', value: [summary] },
};

export const listErrors: ErrorExamples = {
  filter: 'invalid filter "foo"',
  storage: 'scandir /etc/cni/net.d: EACCES: permission denied',
};

export const removeErrors: ErrorExamples = {
  ...inspectErrors,
  dryRun: dryRunRefusal,
  forbidden: 'default network podman cannot be removed',
  outdated: outdatedExample,
  inUse: '"web" has associated containers with it. Disconnect or remove them first: front: network is being used',
  storage: 'unlink /etc/cni/net.d/web.conflist: EROFS: read-only file system',
  busy: createErrors.busy ?? '',
};

export const pruned: Record<string, AnswerExample> = {
  removed: { summary: 'two are gone', value: { NetworksDeleted: ['db', exampleNetwork.name] } },
  nothing: { summary: 'every network is in use', value: { NetworksDeleted: [] } },
};

export const pruneErrors: ErrorExamples = {
  dryRun: dryRunRefusal,
  filter: 'specify exactly one timestamp for until',
  storage: 'scandir /etc/cni/net.d: EACCES: permission denied',
  busy: createErrors.busy ?? '',
};

export const connectBodies = [
  { Container: exampleContainer.name },
  {
    Container: exampleContainer.name,
    EndpointConfig: {
      IPAMConfig: { IPv4Address: exampleContainer.address },
      MacAddress: exampleContainer.macAddress,
      Aliases: [exampleContainer.alias],
    },
  },
];

export const connectErrors: ErrorExamples = {
  ...inspectErrors,
  invalid: 'requested static ip 10.9.0.4 not in any subnet on network web',
  inUse: 'container front is already connected to network "web": network is already connected',
  outdated: outdatedExample,
  plugin: 'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set',
  busy: 'container front and network web are being worked on by another process',
};

export const disconnectBodies = [{ Container: exampleContainer.name, Force: false }];

export const disconnectErrors: ErrorExamples = {
  ...inspectErrors,
  invalid: 'container front is not connected to network web',
  plugin: 'plugin type="bridge" failed (delete): killed after 60000 ms',
  busy: 'container front and network web are being worked on by another process',
};
