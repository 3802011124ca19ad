import { exampleContainer, exampleNetwork } from '../example-story.js';
import { dryRunRefusal, laneErrors, outdatedExample } from '../libpod/variant.js';
import type { AnswerExample, ErrorExamples } from '../errors/route-schemas.js';

export const createBodies = [
  { name: exampleNetwork.name, driver: exampleNetwork.driver, dns_enabled: true, labels: exampleNetwork.labels },
  {
    name: 'db',
    driver: 'bridge',
    internal: true,
    subnets: [
      {
        subnet: '10.91.0.0/24',
        gateway: '10.91.0.1',
        lease_range: { start_ip: '10.91.0.128', end_ip: '10.91.0.200' },
      },
    ],
    options: { mtu: '1400' },
    labels: { team: 'storage' },
  },
  {
    name: 'office',
    driver: 'bridge',
    subnets: [{ subnet: '10.92.0.0/24' }],
    routes: [{ destination: '10.99.0.0/16', gateway: '10.92.0.9' }],
    network_dns_servers: ['192.0.2.53'],
  },
];

const web = {
  name: exampleNetwork.name,
  id: exampleNetwork.id,
  driver: exampleNetwork.driver,
  network_interface: exampleNetwork.bridge,
  created: exampleNetwork.created,
  subnets: [{ subnet: exampleNetwork.subnet, gateway: exampleNetwork.gateway }],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: true,
  labels: exampleNetwork.labels,
  ipam_options: { driver: 'host-local' },
};

export const network: Record<string, AnswerExample> = { network: { summary: 'a bridge network', value: web } };

export const listed: Record<string, AnswerExample> = { networks: { summary: 'one bridge network', value: [web] } };

export const inspected: Record<string, AnswerExample> = {
  version5: {
    summary: 'from version 5 on',
    value: {
      ...web,
      containers: {
        [exampleContainer.id]: {
          name: exampleContainer.name,
          interfaces: {
            [exampleContainer.interface]: {
              subnets: [{ ipnet: exampleContainer.ipnet, gateway: exampleNetwork.gateway }],
              mac_address: exampleContainer.macAddress,
            },
          },
        },
      },
    },
  },
  version4: { summary: 'below', value: web },
};

export const listErrors: ErrorExamples = {
  filter: 'invalid filter "foo"',
  storage: 'open /etc/cni/net.d: EIO: i/o error',
};

export const createErrors: ErrorExamples = {
  dryRun: dryRunRefusal,
  invalid: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16',
  unsupported: 'unsupported driver overlay: invalid argument',
  forbidden: 'cannot create network with name "host" because it conflicts with a valid network mode',
  exists: 'network name web already used: network already exists',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  outdated:
    'what the plan rests on has changed: its revision is 5f1d7a84db00d2fce00b31a7fc73224f, If-Match asks for 9c46a4ac51e8b6bd0f1f5b4f3bd5a3f3',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

export const inspectErrors: ErrorExamples = {
  notFound: 'network not found',
  ambiguous: 'inspecting network 4: more than one result for network ID 4',
};

export const connectBodies = [
  {
    container: exampleContainer.name,
    static_ips: [exampleContainer.address],
    static_mac: exampleContainer.macAddress,
    aliases: [exampleContainer.alias],
    interface_name: exampleContainer.interface,
  },
];

export const updateBodies = [{ adddnsservers: ['10.89.0.53'], removednsservers: [] }];

export const updateErrors: ErrorExamples = {
  invalid: 'unable to parse ip x specified in AddDNSServer: invalid argument',
  notFound: 'unable to find network with name or ID nope: network not found',
  ambiguous: 'more than one result for network ID 4',
  forbidden:
    'network web cannot be changed: neither podnetd nor Podman wrote /etc/cni/net.d/10-web.conflist; change it with the program that did',
  outdated: outdatedExample,
  dryRun: dryRunRefusal,
  ...laneErrors,
};
