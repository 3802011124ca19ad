import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { formatCidr } from '../../../src/ip/cidr.js';

const takenBy = (text: string, isList: boolean) => {
  const { prefixes, bridges, routed } = decodeFile(text, isList, 0n);
  return { prefixes: prefixes.map(formatCidr), bridges, routed };
};

/** Of a list of one plugin. */
const taken = (plugin: object) => takenBy(JSON.stringify({ name: 'x', plugins: [plugin] }), true);

const leasing: readonly (readonly [form: string, ipam: object, prefixes: readonly string[]])[] = [
  [
    'host-local',
    { type: 'host-local', ranges: [[{ subnet: '10.1.0.0/24' }], [{ subnet: 'fd00::/64' }]] },
    ['10.1.0.0/24', 'fd00::/64'],
  ],
  ['host-local of old', { type: 'host-local', subnet: '10.1.0.0/24', rangeStart: '10.1.0.9' }, ['10.1.0.0/24']],
  ['keys as Go takes them', { type: 'host-local', Ranges: [[{ SUBNET: '10.1.0.0/24' }]] }, ['10.1.0.0/24']],
  ['static', { type: 'static', addresses: [{ address: '10.1.0.5/24', gateway: '10.1.0.1' }] }, ['10.1.0.0/24']],
  ['whereabouts', { type: 'whereabouts', range: '10.1.0.225/28', exclude: ['10.1.0.228/30'] }, ['10.1.0.224/28']],
  ['whereabouts, an end and the other', { type: 'whereabouts', range: '10.1.0.5-10.1.0.9/24' }, ['10.1.0.0/24']],
  ['whereabouts, zeros in front', { type: 'whereabouts', range: '010.001.00.0/16' }, ['10.1.0.0/16']],
  [
    'whereabouts of two families',
    { type: 'whereabouts', ipRanges: [{ range: '10.1.0.0/24' }, { range: 'fd00::/64' }] },
    ['10.1.0.0/24', 'fd00::/64'],
  ],
  [
    'calico-ipam',
    { type: 'calico-ipam', ipv4_pools: ['10.1.0.0/16', 'a-pool'], ipv6_pools: ['fd00::/48'] },
    ['10.1.0.0/16', 'fd00::/48'],
  ],
  ['calico-ipam that is told nothing', { type: 'calico-ipam', assign_ipv4: 'true' }, []],
  ['dhcp', { type: 'dhcp' }, []],
  ['no prefix but a route', { type: 'host-local', routes: [{ dst: '10.9.0.0/16', gw: '10.1.0.1' }], ranges: [] }, []],
  ['all there is', { type: 'whereabouts', range: '0.0.0.0/0' }, []],
];

t.test('prefixes count in whatever form an IPAM plugin takes them', async (t) => {
  for (const [form, ipam, prefixes] of leasing) t.same(taken({ type: 'bridge', ipam }).prefixes, prefixes, form);
});

t.test('addresses count that a plugin is given by its arguments', async (t) => {
  const args = { cni: { ips: ['10.1.0.5/24', '10.2.0.1'] } };
  t.same(taken({ type: 'macvlan', args, ipam: { type: 'static' } }).prefixes, ['10.1.0.0/24']);
});

const lease = (subnet: string) => ({ type: 'host-local', ranges: [[{ subnet }]] });

t.test('plugins that others run count, and what these run in turn', async (t) => {
  const multus = {
    type: 'multus',
    delegates: [
      { type: 'bridge', bridge: 'br7', ipam: lease('10.1.0.0/24') },
      { name: 'inner', plugins: [{ type: 'ptp', ipam: lease('10.2.0.0/24') }, { type: 'bridge' }] },
      { type: 'multus', delegates: [{ type: 'ipvlan', ipam: lease('10.3.0.0/24') }] },
      'garbage',
    ],
  };
  const all = ['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24'];
  const inList = taken(multus);
  t.same(inList.prefixes.toSorted(), all);
  t.same([...inList.bridges].toSorted(), ['br7', 'cni0']);
  t.equal(inList.routed, true);
  t.same(takenBy(JSON.stringify({ name: 'x', ...multus }), false).prefixes.toSorted(), all, 'of a single plugin too');
});

t.test('flannel runs a bridge unless it is told otherwise', async (t) => {
  t.same(taken({ type: 'flannel' }).bridges, ['cni0']);
  t.same(taken({ type: 'flannel', delegate: { bridge: 'br7', isDefaultGateway: true } }).bridges, ['br7']);
  t.same(taken({ type: 'flannel', delegate: { type: 'ipvlan', ipam: lease('10.1.0.0/24') } }), {
    prefixes: ['10.1.0.0/24'],
    bridges: [],
    routed: false,
  });
});

t.test('who leases says whether the host routes there', async (t) => {
  const routed = (...types: readonly string[]) =>
    taken({ type: 'multus', delegates: types.map((type) => ({ type, ipam: lease('10.1.0.0/24') })) }).routed;
  t.equal(routed('macvlan'), false);
  t.equal(routed('macvlan', 'bridge'), true);
  t.equal(taken({ type: 'macvlan', ipam: lease('10.1.0.0/24') }).routed, false);
});

const nested = (open: string, depth: number, close: string) => {
  const plugin = `{"type":"bridge","bridge":"br7","ipam":{"subnet":"10.1.0.0/24"}}`;
  return `{"name":"x","plugins":[${open.repeat(depth)}${plugin}${close.repeat(depth)}]}`;
};

t.test('nesting may be as deep as Go reads it', async (t) => {
  t.same(takenBy(nested('{"delegates":[', 4_998, ']}'), true).prefixes, ['10.1.0.0/24']);
  const ipam = `${'['.repeat(9_996)}{"subnet":"10.1.0.0/24"}${']'.repeat(9_996)}`;
  t.same(takenBy(`{"name":"x","plugins":[{"type":"bridge","ipam":${ipam}}]}`, true).prefixes, ['10.1.0.0/24']);
  for (const deep of [nested('{"delegates":[', 4_999, ']}'), nested('[', 100_000, ']')]) {
    t.throws(() => takenBy(deep, true), { message: 'error parsing configuration list: exceeded max depth' });
  }
  const text = `{"name":"x","plugins":[{"type":"bridge","note":"${'\\\\['.repeat(20_000)}\\"{"}]}`;
  t.doesNotThrow(() => takenBy(text, true), 'brackets in a text are none');
});

t.test('a list of a file may have more members than a call has arguments', async (t) => {
  const many = (text: string) => Array.from({ length: 130_000 }, () => text).join(',');
  t.same(takenBy(`{"name":"x","plugins":[{"type":"multus","delegates":[${many('""')}]}]}`, true).prefixes, []);
  const subnets = Array.from(
    { length: 130_000 },
    (_, index) => `"10.${(index >> 8) & 255}.${index & 255}.${index >> 16}/32"`,
  );
  const taken = takenBy(`{"name":"x","plugins":[{"type":"bridge","ipam":{"subnets":[${subnets.join(',')}]}}]}`, true);
  t.equal(taken.prefixes.length, 4_096);
});
