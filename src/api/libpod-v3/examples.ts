import type { ErrorKind } from '../../model/errors.js';
import type { AnswerExample } from '../route-schemas.js';

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

export const createErrors: Partial<Record<ErrorKind, string>> = {
  invalid: 'gateway 10.97.0.1 is not in valid for subnet 10.96.0.0/16',
  unsupported: "driver 'overlay' is not supported",
  exists: 'the network name web is already used',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

export const inspectErrors: Partial<Record<ErrorKind, string>> = {
  notFound: 'network not found',
  ambiguous: 'error inspecting network 7: more than one result for network ID 7',
};
