import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { CompatCreateBody, CompatPool } from '../../src/api/compat/schemas.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';

/** Some clients compare the values that they send with those that they read, to find out whether a network changed. */

interface Pool {
  readonly Subnet: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: object;
}

interface Shown {
  readonly Driver: string;
  readonly Scope: string;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: { readonly Driver: string; readonly Options: object | null; readonly Config: readonly Pool[] };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigOnly: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly Options: object;
  readonly Labels: object;
}

/** Bodies for each member, whose values inspect returns as they were sent. */
const bodies: Readonly<Record<string, readonly object[]>> = {
  Name: [{}],
  CheckDuplicate: [{ CheckDuplicate: true }],
  Driver: [{ Driver: 'bridge' }, { Driver: 'macvlan' }, { Driver: 'ipvlan' }],
  Scope: [{ Scope: 'local' }],
  EnableIPv4: [{ EnableIPv4: true }, { EnableIPv4: false, EnableIPv6: true }, { EnableIPv4: true, Driver: 'macvlan' }],
  EnableIPv6: [
    { EnableIPv6: true },
    { EnableIPv6: false },
    { EnableIPv6: true, Driver: 'macvlan' },
    { EnableIPv6: true, IPAM: { Driver: 'null' } },
    { EnableIPv6: false, IPAM: { Config: [{ Subnet: 'fd00:1::/64' }] } },
  ],
  Internal: [
    { Internal: true },
    { Internal: false },
    { Internal: true, Driver: 'macvlan', IPAM: { Config: [{ Subnet: '10.181.0.0/24' }] } },
  ],
  Attachable: [{ Attachable: true }, { Attachable: false }, { Attachable: true, Driver: 'ipvlan' }],
  Ingress: [{ Ingress: false }],
  ConfigOnly: [{ ConfigOnly: false }],
  ConfigFrom: [{ ConfigFrom: { Network: '' } }],
  Options: [
    { Options: {} },
    { Options: { 'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.enable_icc': 'true' } },
    { Options: { mode: 'bridge' }, Driver: 'macvlan' },
    { Options: { foreign: '<&>', '': '' } },
  ],
  Labels: [{ Labels: {} }, { Labels: { b: '', a: '<&>', é: '\u2028' } }],
  'IPAM.Driver': [
    { IPAM: { Driver: 'default' } },
    { IPAM: { Driver: 'default' }, Driver: 'macvlan' },
    { IPAM: { Driver: 'default', Config: [{ Subnet: '10.181.0.0/24' }] }, Driver: 'ipvlan' },
    { IPAM: { Driver: 'null' } },
    { IPAM: { Driver: 'none' } },
    { IPAM: { Driver: 'dhcp' }, Driver: 'macvlan' },
    { IPAM: { Driver: 'host-local' } },
  ],
  'IPAM.Options': [{ IPAM: { Options: null } }, { IPAM: { Options: {} } }, { IPAM: { Options: { a: '1', b: '' } } }],
  'IPAM.Config': [
    { IPAM: { Config: [{ Subnet: '10.181.0.0/24' }, { Subnet: '10.182.0.0/24' }, { Subnet: 'fd00:1::/64' }] } },
  ],
  'Pool.Subnet': [
    '10.181.0.0/24',
    '10.181.0.7/24',
    '10.181.0.0/030',
    'FD00:0001:0::/64',
    'fd00:1:0:0:0:0:0:0/64',
    '::ffff:0:1:0:0:0/64',
  ].map((subnet) => pool(subnet)),
  'Pool.IPRange': [
    '10.181.0.0/24',
    '10.181.0.128/25',
    '10.181.0.200/25',
    ...['/30', '/31', '/32'].map((bits) => `10.181.0.128${bits}`),
    '10.181.0.254/31',
    '10.181.0.0/30',
    '10.181.0.9/31',
  ]
    .map((IPRange) => pool('10.181.0.0/24', { IPRange }))
    .concat(
      ['/126', '/127', '/128', ':0:0/120'].map((rest) => pool('fd00:1::/64', { IPRange: `fd00:1::8${rest}` })),
      pool('10.181.0.0/24', { IPRange: '' }),
    ),
  'Pool.Gateway': [
    pool('10.181.0.0/24', { Gateway: '10.181.0.1' }),
    pool('10.181.0.0/24', { Gateway: '10.181.0.254' }),
    pool('fd00:1::/64', { Gateway: 'FD00:1:0::9' }),
    { Internal: true, ...pool('10.181.0.0/24', { Gateway: '10.181.0.1' }) },
    { Internal: true, ...pool('10.181.0.0/24') },
  ],
  'Pool.AuxiliaryAddresses': [
    pool('10.181.0.0/24', { AuxiliaryAddresses: {} }),
    pool('10.181.0.0/24', { AuxiliaryAddresses: { b: '10.181.0.9', a: '10.181.0.8' } }),
    pool('10.181.0.0/24', { AuxiliaryAddresses: { nothing: '' } }),
    pool('fd00:1::/64', { AuxiliaryAddresses: { a: 'FD00:1::0:9' }, IPRange: 'fd00:1::8/125' }),
  ],
};

function pool(Subnet: string, more: object = {}): object {
  return { IPAM: { Config: [{ Subnet, ...more }] } };
}

t.test('every member of a create body reads as it was sent', async (t) => {
  const members = [
    ...Object.keys(CompatCreateBody.properties).filter((member) => member !== 'IPAM'),
    ...Object.keys(CompatCreateBody.properties.IPAM.properties).map((member) => `IPAM.${member}`),
    ...Object.keys(CompatPool.properties).map((member) => `Pool.${member}`),
  ];
  t.same(Object.keys(bodies).toSorted(), members.toSorted(), 'no member is forgotten');
  const daemon = await startDaemon(t);
  for (const [member, sent] of Object.entries(bodies)) {
    for (const body of sent) await checkEcho(t, daemon, member, body);
  }
});

async function checkEcho(t: Test, daemon: TestDaemon, member: string, body: object): Promise<void> {
  const made = await daemon.ask('POST', '/v1.48/networks/create', { Name: 'x', ...body });
  const shown = (await daemon.ask('GET', '/v1.48/networks/x')).json() as Shown;
  t.equal(made.status, 201, encodeURI(`${member} ${JSON.stringify(body)}`));
  const { IPAM, ...sent } = body as { IPAM?: { Config?: readonly object[] } };
  // No answer shows CheckDuplicate.
  if (member !== 'CheckDuplicate') t.strictSame(pick(shown, sent), sent);
  if (IPAM !== undefined) {
    const wanted = IPAM.Config === undefined ? IPAM : { ...IPAM, Config: IPAM.Config.map(withoutNothing) };
    t.strictSame(pick(shown.IPAM, wanted), wanted);
  }
  t.equal((await daemon.ask('DELETE', '/networks/x')).status, 204);
}

/** The members of `shown` that `sent` has. */
function pick(shown: object, sent: object): object {
  return Object.fromEntries(Object.keys(sent).map((key) => [key, (shown as Record<string, unknown>)[key]]));
}

/** A pool without empty values, which Go omits. */
function withoutNothing(pool: object): object {
  return Object.fromEntries(Object.entries(pool).filter(([, value]) => value !== '' && JSON.stringify(value) !== '{}'));
}

t.test('IPAM options are null where the request has none', async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'plain' })).status, 201);
  t.equal((await daemon.ask('POST', '/v4.0.0/libpod/networks/create', { name: 'libpod' })).status, 200);
  for (const name of ['plain', 'libpod', 'bridge']) {
    t.equal(((await daemon.ask('GET', `/networks/${name}`)).json() as Shown).IPAM.Options, null, name);
  }
});

t.test('a pool without a gateway shows none, and a pool that podnetd chose shows its own', async (t) => {
  const daemon = await startDaemon(t);
  const show = async (name: string, version = '1.51') =>
    ((await daemon.ask('GET', `/v${version}/networks/${name}`)).json() as Shown).IPAM.Config;
  await daemon.ask('POST', '/networks/create', { Name: 'given', ...pool('10.181.0.0/24') });
  t.strictSame(await show('given'), [{ Subnet: '10.181.0.0/24' }]);
  t.strictSame(await show('given', '1.52'), [{ Subnet: '10.181.0.0/24', Gateway: '10.181.0.1' }], 'as of Docker 29');
  await daemon.ask('POST', '/networks/create', { Name: 'inner', Internal: true, ...pool('10.182.0.0/24') });
  t.strictSame(await show('inner', '1.52'), [{ Subnet: '10.182.0.0/24' }], 'there is none');
  await daemon.ask('POST', '/networks/create', { Name: 'chosen' });
  t.match(await show('chosen'), [{ Gateway: /^10\..*\.1$/ }]);
  t.match((await daemon.ask('GET', '/v4.0.0/libpod/networks/given/json')).json(), {
    subnets: [{ gateway: '10.181.0.1' }],
  });
});

t.test('clients of Docker 29 read every pool that an older client sent', async (t) => {
  const daemon = await startDaemon(t);
  const sent = { IPRange: '10.181.0.128/025', Gateway: '10.181.0.9', AuxiliaryAddresses: { a: '10.181.0.8' } };
  await daemon.ask('POST', '/v1.41/networks/create', { Name: 'x', ...pool('10.181.0.7/024', sent) });
  for (const [version, Subnet, IPRange] of [
    ['1.51', '10.181.0.7/024', '10.181.0.128/025'],
    ['1.52', '10.181.0.0/24', '10.181.0.128/25'],
  ] as const) {
    const pools = [{ Subnet, IPRange, Gateway: sent.Gateway, AuxiliaryAddresses: sent.AuxiliaryAddresses }];
    t.strictSame(((await daemon.ask('GET', `/v${version}/networks/x`)).json() as Shown).IPAM.Config, pools);
    const listed = (await daemon.ask('GET', `/v${version}/networks?filters={"name":["x"]}`)).json() as readonly Shown[];
    t.strictSame(listed[0]?.IPAM.Config, pools);
  }
});

t.test('an edited file decides over the members that a client sent', async (t) => {
  const daemon = await startDaemon(t);
  const sent = { IPRange: '10.181.0.128/31', Gateway: '10.181.0.9', AuxiliaryAddresses: { a: '10.181.0.8' } };
  await daemon.ask('POST', '/networks/create', { Name: 'x', ...pool('10.181.0.7/24', sent) });
  const file = path.join(daemon.folder, 'x.conflist');
  const conflist = JSON.parse(readFileSync(file, 'utf8')) as {
    args: { podnetd_docker_auxiliary_addresses?: unknown };
    plugins: { ipam: unknown }[];
  };
  const [bridge] = conflist.plugins;
  if (bridge === undefined) throw new Error('no plugin');
  bridge.ipam = { type: 'host-local', ranges: [[{ subnet: '10.181.0.0/24', gateway: '10.181.0.2' }]] };
  delete conflist.args.podnetd_docker_auxiliary_addresses;
  writeFileSync(file, JSON.stringify(conflist));
  const shown = (await daemon.ask('GET', '/networks/x')).json() as Shown;
  t.strictSame(shown.IPAM.Config, [{ Subnet: '10.181.0.7/24', Gateway: '10.181.0.2' }]);
  bridge.ipam = { type: 'dhcp' };
  writeFileSync(file, JSON.stringify(conflist));
  t.match((await daemon.ask('GET', '/networks/x')).json(), { IPAM: { Driver: 'dhcp', Config: [] } });
});
