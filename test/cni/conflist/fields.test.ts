import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { encodeConflist } from '../../../src/cni/conflist/encode.js';
import type { Field } from '../../../src/cni/conflist/field.js';
import { fields, findDifferences, type Facts } from '../../../src/cni/conflist/fields.js';
import type { PlannedNetwork, Subnet } from '../../../src/model/network.js';
import type { CheckedRequest } from '../../../src/model/request.js';
import { planDefaultNetwork } from '../../../src/network/create/default-network.js';
import { address, cidr } from '../../support/addresses.js';

type Row = readonly [has: Partial<PlannedNetwork>, wanted: Partial<PlannedNetwork>, difference: string | undefined];

const subnet = (prefix: string, gateway?: string, more: Partial<Subnet> = {}): Subnet => ({
  cidr: cidr(prefix),
  gateway: gateway === undefined ? undefined : address(gateway),
  leaseStart: undefined,
  leaseEnd: undefined,
  reserved: new Map(),
  ...more,
});

const ipv4 = subnet('10.1.0.0/24', '10.1.0.1');
const ipv6 = subnet('fd00::/64', 'fd00::1');
const base: PlannedNetwork = {
  ...planDefaultNetwork({
    defaultNetwork: 'a',
    defaultSubnet: ipv4.cidr,
  }),
  networkInterface: 'br1',
};
const options = (mtu: string, isolate: string): Partial<PlannedNetwork> => ({
  options: new Map(Object.entries({ mtu, vlan: '7', isolate })),
  link: { ...base.link, mtu: Number(mtu), vlan: 7, isolate: isolate === 'true' },
});
const docker = {
  options: new Map([['com.docker.network.driver.mtu', '1400']]),
  ipamOptions: new Map<string, string>(),
  members: new Map([['Attachable', 'true']]),
  pools: new Map([
    ['10.1.0.0/24', { subnet: '10.1.0.7/24', range: '', gateway: '', auxiliary: new Map([['h', 'x']]) }],
  ]),
};

/** Two networks that differ in a fact, and the difference; undefined where podnetd does not compare. The compiler asks for each fact's. */
const rows: { readonly [Name in keyof Facts]: Row } = {
  driver: [{}, { driver: 'macvlan', networkInterface: '' }, 'driver is "bridge", not "macvlan"'],
  internal: [{ internal: true, subnets: [subnet('10.1.0.0/24')] }, {}, 'internal is true, not false'],
  networkInterface: [{}, { networkInterface: 'br2' }, 'network_interface is "br1", not "br2"'],
  ipamDriver: [{ ipamDriver: 'none', subnets: [] }, {}, 'ipam driver is "none", not "host-local"'],
  ipv6Enabled: [{}, { ipv6Enabled: true, subnets: [ipv4, ipv6] }, 'ipv6_enabled is false, not true'],
  dnsEnabled: [{ dnsEnabled: true }, {}, 'dns_enabled is true, not false'],
  dnsServers: [
    { dnsServers: [address('192.0.2.53'), address('fd00::53')] },
    { dnsServers: [address('192.0.2.54')] },
    'network_dns_servers is "192.0.2.53, fd00::53", not "192.0.2.54"',
  ],
  routes: [
    { routes: [{ destination: cidr('10.9.0.0/16'), gateway: address('10.1.0.9'), metric: 7 }] },
    {},
    'it has route 10.9.0.0/16 via 10.1.0.9 metric 7 too',
  ],
  subnets: [
    {
      subnets: [
        subnet('10.1.0.0/24', '10.1.0.1', {
          leaseStart: address('10.1.0.9'),
          reserved: new Map([['h', address('10.1.0.20')]]),
        }),
      ],
    },
    {},
    'lease range start of 10.1.0.0/24 is 10.1.0.9, not none',
  ],
  labels: [{ labels: new Map([['k', 'v']]) }, { labels: new Map([['k', 'w']]) }, 'label k is "v", not "w"'],
  options: [options('1400', 'true'), options('1500', 'false'), 'option mtu is "1400", not "1500"'],
  docker: [{ docker }, {}, undefined],
};

const request = (network: PlannedNetwork): CheckedRequest => ({
  ...network,
  routes: network.routes.flatMap(({ gateway, ...route }) => (gateway === undefined ? [] : { ...route, gateway })),
  ipv4Enabled: true,
  masquerade: network.link.masquerade,
  allowReserved: false,
});

/** The network as podnetd reads it from the file that it writes. */
function readBack(t: Test, network: PlannedNetwork): Facts {
  const text = encodeConflist(network);
  const decoded = decodeFile(text, true, 0n);
  t.ok(decoded.podmanShaped, "it is podnetd's own");
  if (decoded.network === undefined) throw new Error(`${decoded.problem?.reason}: ${text}`);
  return decoded.network;
}

for (const name of Object.keys(rows) as (keyof Facts)[]) {
  t.test(`${name} is written, read and compared`, async (t) => {
    const [has, wanted, difference] = rows[name];
    const [ours, theirs] = [
      { ...base, ...has },
      { ...base, ...wanted },
    ];
    for (const network of [ours, theirs]) {
      const read = readBack(t, network);
      t.strictSame(read[name], network[name], 'it is read as it is written');
      t.strictSame(findDifferences(read, request(network)), [], 'it does not differ from itself');
    }
    const differences = findDifferences(readBack(t, ours), request(theirs));
    if (difference === undefined) t.strictSame(differences, []);
    else t.ok(differences.includes(difference), differences.join('; '));
  });
}

const texts = fc.dictionary(fc.string({ minLength: 1 }), fc.string()).map((all) => new Map(Object.entries(all)));

const networks = fc
  .record({
    driver: fc.constantFrom('bridge', 'macvlan', 'ipvlan'),
    networkInterface: fc.constantFrom('br1', 'eth0'),
    isInternal: fc.boolean(),
    isDns: fc.boolean(),
    prefixes: fc.subarray([ipv4, ipv6, subnet('10.2.0.0/16', '10.2.0.9')], { minLength: 1 }),
    labels: texts,
    mtu: fc.integer({ min: 0, max: 65_535 }),
    vlan: fc.integer({ min: 0, max: 4_094 }),
    mode: fc.constantFrom('', 'bridge', 'l2'),
    isolate: fc.boolean(),
    masquerade: fc.boolean(),
    interContainer: fc.boolean(),
    defaultRoute: fc.boolean(),
    metric: fc.integer({ min: 0, max: 4_294_967_295 }),
    dnsServers: fc.subarray([address('192.0.2.53'), address('2001:db8::53')]),
    routes: fc.subarray([
      { destination: cidr('10.9.0.0/16'), gateway: address('10.1.0.9'), metric: 0 },
      { destination: cidr('fd09::/64'), gateway: address('fd00::9'), metric: 7 },
      { destination: cidr('0.0.0.0/0'), gateway: address('10.1.0.9'), metric: 0 },
    ]),
    docker: fc.constantFrom(undefined, docker),
    // Podman 3 keeps no options in `args`: there they are read from the plugins alone.
    form: fc.constantFrom('podman3', 'podman4'),
  })
  .map(({ isInternal, isDns, prefixes, mtu, vlan, mode, isolate, masquerade, ...more }): PlannedNetwork => {
    const { defaultRoute, metric, interContainer, ...rest } = more;
    const isBridge = rest.driver === 'bridge';
    const internal = isBridge && isInternal;
    // Podman 3 knows no other.
    const later = rest.form === 'podman4' && !internal ? { defaultRoute, metric } : { defaultRoute: true, metric: 0 };
    const common = { masquerade, ...later, metric: later.defaultRoute ? later.metric : 0 };
    const link = isBridge
      ? { ...common, mtu, vlan, mode: '', isolate: isolate || !interContainer, interContainer }
      : { ...common, mtu, vlan: 0, mode, isolate: false, interContainer: true };
    const options = { mtu: link.mtu, vlan: link.vlan, mode: link.mode, isolate: link.isolate, metric: link.metric };
    const given = Object.entries({
      ...options,
      no_default_route: !link.defaultRoute,
      'com.docker.network.bridge.enable_icc': !link.interContainer && 'false',
    }).filter(([, value]) => Boolean(value));
    return {
      ...base,
      ...rest,
      internal,
      dnsEnabled: isBridge && isDns,
      subnets: prefixes.map((prefix) => (internal ? { ...prefix, gateway: undefined } : prefix)),
      ipv6Enabled: prefixes.includes(ipv6),
      options: new Map(given.map(([name, value]) => [name, String(value)])),
      link,
    };
  });

t.test('facts do not disturb each other', async (t) => {
  fc.assert(
    fc.property(networks, (network) => {
      const read = readBack(t, network);
      for (const name of Object.keys(fields) as (keyof Facts)[]) t.strictSame(read[name], network[name], name);
      t.strictSame(findDifferences(read, request(network)), []);
    }),
    { numRuns: 200 },
  );
});

t.test('the compiler refuses a row that lacks one of the three, and a table that lacks a row', async (t) => {
  const [read, write, compare] = [() => true, () => ({}), () => []];
  // @ts-expect-error -- it is never read
  const unread: Field<boolean> = { write, compare };
  // @ts-expect-error -- it is never written
  const unwritten: Field<boolean> = { read, compare };
  // @ts-expect-error -- it is never compared
  const uncompared: Field<boolean> = { read, write };
  const { labels, ...others } = fields;
  // @ts-expect-error -- a fact of the network has no row
  const incomplete: typeof fields = others;
  t.equal([unread, unwritten, uncompared, incomplete, labels].length, 5, 'checked by npm run typecheck');
});
