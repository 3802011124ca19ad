import { exampleContainer, exampleNetwork } from '../example-story.js';
import { dryRunRefusal } from '../libpod/variant.js';
import type { AnswerExample, ErrorExamples } from '../errors/route-schemas.js';

export const createBodies = [
  { Driver: exampleNetwork.driver, Labels: exampleNetwork.labels },
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

/** The file of the network, as a create with the first body writes it. */
const conflist = {
  args: { podman_labels: exampleNetwork.labels },
  cniVersion: '0.4.0',
  name: exampleNetwork.name,
  plugins: [
    {
      bridge: exampleNetwork.bridge,
      hairpinMode: true,
      ipMasq: true,
      ipam: {
        ranges: [[{ gateway: exampleNetwork.gateway, subnet: exampleNetwork.subnet }]],
        routes: [{ dst: '0.0.0.0/0' }],
        type: 'host-local',
      },
      isGateway: true,
      type: exampleNetwork.driver,
    },
    { capabilities: { portMappings: true }, type: 'portmap' },
    { backend: '', type: 'firewall' },
    { type: 'tuning' },
    { capabilities: { aliases: true }, domainName: 'dns.podman', type: 'dnsname' },
  ],
};

export const inspected: Record<string, AnswerExample> = {
  network: { summary: 'a bridge network (from 3.1 on; older clients get an array of one)', value: conflist },
};

export const createErrors: ErrorExamples = {
  dryRun: dryRunRefusal,
  invalid: 'gateway 10.97.0.1 is not in valid for subnet 10.96.0.0/16',
  unsupported: "driver 'overlay' is not supported",
  exists: 'the network name web is already used',
  exhausted: 'could not find free subnet from subnet pools: all in use in 10.89.0.0/16 (256 of size /24)',
  outdated:
    'what the plan rests on has changed: its revision is 5f1d7a84db00d2fce00b31a7fc73224f, If-Match asks for 9c46a4ac51e8b6bd0f1f5b4f3bd5a3f3',
  storage: 'write /etc/cni/net.d/web.conflist: ENOSPC: no space left on device',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};

export const inspectErrors: ErrorExamples = {
  notFound: 'network not found',
  ambiguous: 'error inspecting network 4: more than one result for network ID 4',
};

export const connectBodies = [{ Container: exampleContainer.name, Aliases: [exampleContainer.alias] }];

export const listed: Record<string, AnswerExample> = {
  networks: {
    summary: 'one bridge network, its file beside what CNI reads of it',
    value: [
      {
        Name: exampleNetwork.name,
        CNIVersion: '0.4.0',
        DisableCheck: false,
        Plugins: [
          {
            Network: { type: 'bridge', ipam: { type: 'host-local' }, dns: {} },
            Bytes:
              'eyJicmlkZ2UiOiJjbmktcG9kbWFuMSIsImhhaXJwaW5Nb2RlIjp0cnVlLCJpcE1hc3EiOnRydWUsImlwYW0iOnsicmFuZ2VzIjpbW3siZ2F0ZXdheSI6IjEwLjg5LjAuMSIsInN1Ym5ldCI6IjEwLjg5LjAuMC8yNCJ9XV0sInJvdXRlcyI6W3siZHN0IjoiMC4wLjAuMC8wIn1dLCJ0eXBlIjoiaG9zdC1sb2NhbCJ9LCJpc0dhdGV3YXkiOnRydWUsInR5cGUiOiJicmlkZ2UifQ==',
          },
          {
            Network: { type: 'portmap', capabilities: { portMappings: true }, ipam: {}, dns: {} },
            Bytes: 'eyJjYXBhYmlsaXRpZXMiOnsicG9ydE1hcHBpbmdzIjp0cnVlfSwidHlwZSI6InBvcnRtYXAifQ==',
          },
          {
            Network: { type: 'firewall', ipam: {}, dns: {} },
            Bytes: 'eyJiYWNrZW5kIjoiIiwidHlwZSI6ImZpcmV3YWxsIn0=',
          },
          {
            Network: { type: 'tuning', ipam: {}, dns: {} },
            Bytes: 'eyJ0eXBlIjoidHVuaW5nIn0=',
          },
          {
            Network: { type: 'dnsname', capabilities: { aliases: true }, ipam: {}, dns: {} },
            Bytes:
              'eyJjYXBhYmlsaXRpZXMiOnsiYWxpYXNlcyI6dHJ1ZX0sImRvbWFpbk5hbWUiOiJkbnMucG9kbWFuIiwidHlwZSI6ImRuc25hbWUifQ==',
          },
        ],
        Bytes:
          'ewogICAiYXJncyI6IHsKICAgICAgInBvZG1hbl9sYWJlbHMiOiB7CiAgICAgICAgICJ0ZWFtIjogInNob3AiCiAgICAgIH0KICAgfSwKICAgImNuaVZlcnNpb24iOiAiMC40LjAiLAogICAibmFtZSI6ICJ3ZWIiLAogICAicGx1Z2lucyI6IFsKICAgICAgewogICAgICAgICAidHlwZSI6ICJicmlkZ2UiLAogICAgICAgICAiYnJpZGdlIjogImNuaS1wb2RtYW4xIiwKICAgICAgICAgImlzR2F0ZXdheSI6IHRydWUsCiAgICAgICAgICJpcE1hc3EiOiB0cnVlLAogICAgICAgICAiaGFpcnBpbk1vZGUiOiB0cnVlLAogICAgICAgICAiaXBhbSI6IHsKICAgICAgICAgICAgInR5cGUiOiAiaG9zdC1sb2NhbCIsCiAgICAgICAgICAgICJyb3V0ZXMiOiBbCiAgICAgICAgICAgICAgIHsKICAgICAgICAgICAgICAgICAgImRzdCI6ICIwLjAuMC4wLzAiCiAgICAgICAgICAgICAgIH0KICAgICAgICAgICAgXSwKICAgICAgICAgICAgInJhbmdlcyI6IFsKICAgICAgICAgICAgICAgWwogICAgICAgICAgICAgICAgICB7CiAgICAgICAgICAgICAgICAgICAgICJzdWJuZXQiOiAiMTAuODkuMC4wLzI0IiwKICAgICAgICAgICAgICAgICAgICAgImdhdGV3YXkiOiAiMTAuODkuMC4xIgogICAgICAgICAgICAgICAgICB9CiAgICAgICAgICAgICAgIF0KICAgICAgICAgICAgXQogICAgICAgICB9CiAgICAgIH0sCiAgICAgIHsKICAgICAgICAgInR5cGUiOiAicG9ydG1hcCIsCiAgICAgICAgICJjYXBhYmlsaXRpZXMiOiB7CiAgICAgICAgICAgICJwb3J0TWFwcGluZ3MiOiB0cnVlCiAgICAgICAgIH0KICAgICAgfSwKICAgICAgewogICAgICAgICAidHlwZSI6ICJmaXJld2FsbCIsCiAgICAgICAgICJiYWNrZW5kIjogIiIKICAgICAgfSwKICAgICAgewogICAgICAgICAidHlwZSI6ICJ0dW5pbmciCiAgICAgIH0sCiAgICAgIHsKICAgICAgICAgInR5cGUiOiAiZG5zbmFtZSIsCiAgICAgICAgICJkb21haW5OYW1lIjogImRucy5wb2RtYW4iLAogICAgICAgICAiY2FwYWJpbGl0aWVzIjogewogICAgICAgICAgICAiYWxpYXNlcyI6IHRydWUKICAgICAgICAgfQogICAgICB9CiAgIF0KfQ==',
        Labels: exampleNetwork.labels,
      },
    ],
  },
};

export const listErrors: ErrorExamples = {
  filter: 'invalid filter "foo"',
  storage: 'open /etc/cni/net.d: EIO: i/o error',
};
