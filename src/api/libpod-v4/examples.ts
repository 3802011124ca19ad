import type { AnswerExample, ErrorExamples } from '../errors/route-schemas.js';

export const createBodies = [
  { name: 'web', driver: 'bridge', dns_enabled: true },
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
];

const web = {
  name: 'web',
  id: '4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2',
  driver: 'bridge',
  network_interface: 'cni-podman1',
  created: '2026-01-31T12:00:00.123456789Z',
  subnets: [{ subnet: '10.89.0.0/24', gateway: '10.89.0.1' }],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: true,
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
        '7e1c6f0f3c2b': {
          name: 'front',
          interfaces: {
            eth0: { subnets: [{ ipnet: '10.89.0.2/24', gateway: '10.89.0.1' }], mac_address: '6a:5e:09:0b:5c:e4' },
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
  invalid: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16',
  unsupported: 'unsupported driver overlay: invalid argument',
  forbidden: 'cannot create network with name "host" because it conflicts with a valid network mode',
  exists: 'network name web already used: network already exists',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

export const inspectErrors: ErrorExamples = {
  notFound: 'network not found',
  ambiguous: 'inspecting network 4: more than one result for network ID 4',
};

export const connectBodies = [
  { container: 'web1', static_ips: ['10.89.0.9'], aliases: ['db'], interface_name: 'eth1' },
];

export const updateBodies = [{ adddnsservers: ['10.89.0.53'], removednsservers: [] }];

export const updateErrors: ErrorExamples = {
  invalid: 'failed to decode request JSON payload: unexpected EOF',
  notFound: 'unable to find network with name or ID nope: network not found',
  ambiguous: 'more than one result for network ID 4',
  unsupported: 'NetworkUpdate is not supported for backend CNI: invalid argument',
  storage: 'open /etc/cni/net.d: EIO: i/o error',
};
