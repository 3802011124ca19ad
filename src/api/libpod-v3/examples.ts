import type { AnswerExample, ErrorExamples } from '../errors/route-schemas.js';

export const createBodies = [
  { Driver: 'bridge' },
  {
    Driver: 'bridge',
    Subnet: { IP: '10.93.0.0', Mask: '////AA==' },
    Range: { IP: '10.93.0.128', Mask: '////gA==' },
    Gateway: '10.93.0.254',
    Labels: { k: 'v' },
    Options: { mtu: '1400', vlan: '7' },
  },
];

export const created: Record<string, AnswerExample> = {
  created: { summary: 'made', value: { Filename: '/etc/cni/net.d/web.conflist' } },
};

export const inspected: Record<string, AnswerExample> = {
  network: {
    summary: 'a bridge network (from 3.1 on; older clients get an array of one)',
    value: {
      cniVersion: '0.4.0',
      name: 'web',
      plugins: [
        {
          bridge: 'cni-podman1',
          hairpinMode: true,
          ipMasq: true,
          ipam: {
            ranges: [[{ gateway: '10.89.0.1', subnet: '10.89.0.0/24' }]],
            routes: [{ dst: '0.0.0.0/0' }],
            type: 'host-local',
          },
          isGateway: true,
          type: 'bridge',
        },
        { capabilities: { portMappings: true }, type: 'portmap' },
        { backend: '', type: 'firewall' },
        { type: 'tuning' },
      ],
    },
  },
};

export const createErrors: ErrorExamples = {
  invalid: 'gateway 10.97.0.1 is not in valid for subnet 10.96.0.0/16',
  unsupported: "driver 'overlay' is not supported",
  exists: 'the network name web is already used',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

export const inspectErrors: ErrorExamples = {
  notFound: 'network not found',
  ambiguous: 'error inspecting network 7: more than one result for network ID 7',
};

export const connectBodies = [{ Container: 'web1', Aliases: ['db'] }];

export const listed: Record<string, AnswerExample> = {
  networks: {
    summary: 'one macvlan network',
    value: [
      {
        Name: 'lan',
        CNIVersion: '0.4.0',
        DisableCheck: false,
        Plugins: [
          {
            Network: { type: 'macvlan', ipam: { type: 'dhcp' }, dns: {} },
            Bytes: 'eyJpcGFtIjp7InR5cGUiOiJkaGNwIn0sIm1hc3RlciI6ImV0aDEiLCJ0eXBlIjoibWFjdmxhbiJ9',
          },
        ],
        Bytes:
          'ewogICAiYXJncyI6IHsKICAgICAgInBvZG1hbl9sYWJlbHMiOiB7CiAgICAgICAgICJ0ZWFtIjogInN0b3JhZ2UiCiAgICAgIH0KICAgfSwKICAgImNuaVZlcnNpb24iOiAiMC40LjAiLAogICAibmFtZSI6ICJsYW4iLAogICAicGx1Z2lucyI6IFsKICAgICAgewogICAgICAgICAidHlwZSI6ICJtYWN2bGFuIiwKICAgICAgICAgIm1hc3RlciI6ICJldGgxIiwKICAgICAgICAgImlwYW0iOiB7CiAgICAgICAgICAgICJ0eXBlIjogImRoY3AiCiAgICAgICAgIH0KICAgICAgfQogICBdCn0=',
        Labels: { team: 'storage' },
      },
    ],
  },
};

export const listErrors: ErrorExamples = {
  filter: 'invalid filter "foo"',
  storage: 'open /etc/cni/net.d: EIO: i/o error',
};
