import t from 'tap';
import { formatCidr } from '../../../src/ip/cidr.js';
import { formatWanted, isPrefix, prefixOrSize } from '../../../src/ip/prefix-size.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import type { Cidr } from '../../../src/model/address.js';
import type { NetworkRequest } from '../../../src/model/request.js';
import type { PassedOver } from '../../../src/network/addresses/explanation.js';
import { checkRequest } from '../../../src/network/create/check.js';
import { explainRequest } from '../../../src/network/create/explain-request.js';
import { planNetwork } from '../../../src/network/create/plan.js';
import type { NetworkSettings } from '../../../src/network/dependencies/settings.js';
import { cidr } from '../../support/addresses.js';
import { request } from '../../support/service.js';
import { makePluginFacts } from '../../support/plugin-facts.js';
import { makeSettings } from '../../support/settings.js';
import { takePrefixes, type TakenTexts } from '../../support/taken.js';

const pools = [{ base: cidr('10.1.0.0/16'), prefixBits: 24 }];

const asked = (prefix: string) => ({
  prefix: prefixOrSize(cidr(prefix)),
  gateway: undefined,
  leaseStart: undefined,
  leaseEnd: undefined,
  reserved: new Map(),
});

/** Explains a request as a preview does: after the plan, or its refusal. */
function explain(given: TakenTexts, wanted: Partial<NetworkRequest>, more: Partial<NetworkSettings> = {}) {
  const settings = makeSettings({ subnetPools: pools, ...more });
  const taken = { ...takePrefixes(given), hasName: () => false, hasBridge: () => false, freeDeviceNumber: () => 1 };
  const checked = checkRequest(request('new', wanted));
  const plan = () => {
    try {
      return planNetwork(checked, taken, settings, makePluginFacts()).network;
    } catch (error) {
      if (error instanceof NetworkError) return undefined;
      throw error;
    }
  };
  return explainRequest(checked, plan(), taken, settings).map((one) => ({
    wanted: isPrefix(one.wanted)
      ? formatCidr(one.wanted)
      : one.wanted.prefixBits === undefined
        ? `any of IPv${one.wanted.family}`
        : formatWanted({ family: one.wanted.family, prefixBits: one.wanted.prefixBits }),
    chosen: one.chosen && formatCidr(one.chosen),
    pool: one.pool && formatCidr(one.pool.base),
    cutFrom: one.cutFrom && formatCidr(one.cutFrom),
    looked: one.looked,
    passedOver: one.passedOver.map(showEntry),
    unlisted: one.unlisted,
  }));
}

function showEntry({ holder: { kind, prefix, name, file, reason }, first, last, blocks }: PassedOver): string {
  const who = [kind, name ?? file ?? reason].filter((part) => part !== undefined).join(' ');
  return `${blocks} from ${formatCidr(first)} to ${formatCidr(last)}: ${who}, ${formatCidr(prefix)}`;
}

t.test('a free subnet says who has the blocks before it', async (t) => {
  const given: TakenTexts = {
    networks: { web: ['10.1.0.0/24', '10.1.1.0/24'], small: ['10.1.2.64/26'], inside: ['10.1.13.0/24'] },
    files: { '/net.d/odd.conf': ['10.1.3.0/24'] },
    interfaces: { 'cni-podman2': '10.1.0.0/24', eth0: '10.1.4.7/32' },
    routes: { '10.1.5.0/24': 'tun0', '10.1.6.0/24': 'tun0', '10.1.7.0/24': 'tun1' },
    dnsServers: ['10.1.8.53/32', '10.1.9.53/32'],
  };
  const reserved = [{ prefix: cidr('10.1.12.0/22'), reason: 'office VPN' }];
  t.same(explain({ ...given, networks: { ...given.networks, more: ['10.1.10.0/23'] } }, {}, { reserved }), [
    {
      wanted: 'any of IPv4',
      chosen: '10.1.16.0/24',
      pool: '10.1.0.0/16',
      cutFrom: '10.1.16.0/24',
      looked: 17n,
      passedOver: [
        '2 from 10.1.0.0/24 to 10.1.1.0/24: network web, 10.1.0.0/24',
        '1 from 10.1.2.0/24 to 10.1.2.0/24: network small, 10.1.2.64/26',
        '1 from 10.1.3.0/24 to 10.1.3.0/24: network /net.d/odd.conf, 10.1.3.0/24',
        '1 from 10.1.4.0/24 to 10.1.4.0/24: interface eth0, 10.1.4.7/32',
        '2 from 10.1.5.0/24 to 10.1.6.0/24: route tun0, 10.1.5.0/24',
        '1 from 10.1.7.0/24 to 10.1.7.0/24: route tun1, 10.1.7.0/24',
        '1 from 10.1.8.0/24 to 10.1.8.0/24: dns-server, 10.1.8.53/32',
        '1 from 10.1.9.0/24 to 10.1.9.0/24: dns-server, 10.1.9.53/32',
        '2 from 10.1.10.0/24 to 10.1.11.0/24: network more, 10.1.10.0/23',
        '1 from 10.1.12.0/24 to 10.1.12.0/24: reserved office VPN, 10.1.12.0/22',
        '1 from 10.1.13.0/24 to 10.1.13.0/24: network inside, 10.1.13.0/24',
        '2 from 10.1.14.0/24 to 10.1.15.0/24: reserved office VPN, 10.1.12.0/22',
      ],
      unlisted: 0n,
    },
  ]);
});

t.test('a first free block passes nothing over, and neither does a random one', async (t) => {
  t.match(explain({}, { ipv6Enabled: true }), [
    { chosen: '10.1.0.0/24', looked: 1n, passedOver: [], unlisted: 0n },
    { wanted: 'any of IPv6', chosen: 'fd00::/64', pool: undefined, cutFrom: undefined, looked: 1n, passedOver: [] },
  ]);
});

t.test('a hundred entries are listed, and the other blocks are counted', async (t) => {
  const networks = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`n${at}`, [`10.1.${at}.0/24`]] as const));
  const [one] = explain({ networks, routes: { '10.1.160.0/20': 'tun0' } }, { subnets: [asked('0.0.0.0/20')] });
  t.match(one, { chosen: '10.1.176.0/20', looked: 12n, unlisted: 0n });
  const [plain] = explain({ networks }, {});
  t.match(plain, { chosen: '10.1.150.0/24', looked: 151n, unlisted: 50n });
  t.equal(plain?.passedOver.length, 100);
  t.equal(plain?.passedOver.at(-1), '1 from 10.1.99.0/24 to 10.1.99.0/24: network n99, 10.1.99.0/24');
});

t.test('no more holders are looked up than are listed, however many networks are in the way', async (t) => {
  const networks = Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`n${at}`, [`10.1.${at}.0/24`]] as const));
  const { userOf, ...rest } = takePrefixes({ networks });
  let questions = 0;
  const counting = {
    ...rest,
    userOf: (prefix: Cidr) => {
      questions += 1;
      return userOf(prefix);
    },
  };
  const settings = makeSettings({ subnetPools: pools });
  const count = (wanted: Partial<NetworkRequest>, subnets?: readonly string[]) => {
    questions = 0;
    const planned = subnets && {
      name: 'new',
      subnets: subnets.map((prefix) => ({ ...asked(prefix), cidr: cidr(prefix) })),
    };
    const [one] = explainRequest(checkRequest(request('new', wanted)), planned, counting, settings);
    return [one?.passedOver.length, one?.unlisted, questions <= 101];
  };
  t.same(count({}, ['10.1.250.0/24']), [100, 150n, true]);
  t.same(count({ subnets: [asked('10.0.0.0/8')] }), [100, 150n, true]);
});

t.test('a size says which free block it was cut from, and earlier pools are passed over whole', async (t) => {
  const subnetPools = [
    { base: cidr('fd01::/112'), prefixBits: 112 },
    { base: cidr('10.2.0.0/24'), prefixBits: 26 },
    { base: cidr('10.1.0.0/16'), prefixBits: 24 },
  ];
  const networks = { a: ['10.2.0.0/24'], b: ['10.1.3.0/26'] };
  t.same(explain({ networks }, { subnets: [asked('0.0.0.0/26')] }, { subnetPools }), [
    {
      wanted: '0.0.0.0/26',
      chosen: '10.1.3.64/26',
      pool: '10.1.0.0/16',
      cutFrom: '10.1.3.64/26',
      looked: 4n + 14n,
      passedOver: [
        '4 from 10.2.0.0/26 to 10.2.0.192/26: network a, 10.2.0.0/24',
        '1 from 10.1.3.0/26 to 10.1.3.0/26: network b, 10.1.3.0/26',
      ],
      unlisted: 0n,
    },
  ]);
  t.match(explain({ networks }, { subnets: [asked('0.0.0.0/27')] }, { subnetPools }), [
    { chosen: '10.1.3.64/27', cutFrom: '10.1.3.64/26' },
  ]);
});

t.test('subnets of one request are in the way of each other', async (t) => {
  const subnets = [asked('0.0.0.0/25'), asked('10.1.0.0/26'), asked('0.0.0.0/26')];
  t.match(explain({}, { subnets }), [
    { chosen: '10.1.0.128/25', passedOver: ['1 from 10.1.0.0/25 to 10.1.0.0/25: network new, 10.1.0.0/26'] },
    { chosen: '10.1.0.0/26', looked: 1n, passedOver: [] },
    { chosen: '10.1.0.64/26', passedOver: ['1 from 10.1.0.0/26 to 10.1.0.0/26: network new, 10.1.0.0/26'] },
  ]);
});

t.test('when only avoided prefixes are left, those that left no choice are named', async (t) => {
  const given: TakenTexts = { networks: { a: ['10.1.0.0/24'] }, routes: { '10.0.0.0/8': 'tun0' } };
  t.match(explain(given, {}), [
    { chosen: '10.1.1.0/24', passedOver: ['1 from 10.1.0.0/24 to 10.1.0.0/24: network a, 10.1.0.0/24'] },
  ]);
});

t.test('a refused request lists every prefix in the way, of each of its subnets', async (t) => {
  const given: TakenTexts = {
    networks: { a: ['10.1.0.0/24'], b: ['10.1.1.0/24'], c: ['10.2.0.0/24'] },
    interfaces: { eth0: '10.1.7.1/32' },
    routes: { '10.1.9.0/24': 'tun0' },
  };
  const reserved = [{ prefix: cidr('10.1.4.0/24'), reason: 'lab' }];
  const subnets = ['10.1.0.0/20', '10.2.0.128/25', '10.3.0.0/24', '0.0.0.0/24'].map(asked);
  t.match(explain(given, { subnets }, { reserved }), [
    {
      chosen: undefined,
      passedOver: [
        '1 from 10.1.0.0/20 to 10.1.0.0/20: network a, 10.1.0.0/24',
        '1 from 10.1.0.0/20 to 10.1.0.0/20: network b, 10.1.1.0/24',
        '1 from 10.1.0.0/20 to 10.1.0.0/20: interface eth0, 10.1.7.1/32',
        '1 from 10.1.0.0/20 to 10.1.0.0/20: reserved lab, 10.1.4.0/24',
      ],
    },
    { chosen: undefined, passedOver: ['1 from 10.2.0.128/25 to 10.2.0.128/25: network c, 10.2.0.0/24'] },
    { chosen: '10.3.0.0/24', passedOver: [] },
    { chosen: '10.1.2.0/24', looked: 3n },
  ]);
});

t.test('exhausted pools say who has them', async (t) => {
  const subnetPools = [
    { base: cidr('10.1.0.0/22'), prefixBits: 24 },
    { base: cidr('10.9.0.0/24'), prefixBits: 24 },
  ];
  const reserved = [{ prefix: cidr('10.1.0.0/16'), reason: 'office VPN' }];
  t.same(explain({ networks: { a: ['10.9.0.0/26'] } }, {}, { subnetPools, reserved }), [
    {
      wanted: 'any of IPv4',
      chosen: undefined,
      pool: undefined,
      cutFrom: undefined,
      looked: 5n,
      passedOver: [
        '4 from 10.1.0.0/24 to 10.1.3.0/24: reserved office VPN, 10.1.0.0/16',
        '1 from 10.9.0.0/24 to 10.9.0.0/24: network a, 10.9.0.0/26',
      ],
      unlisted: 0n,
    },
  ]);
  t.match(explain({}, { ipv6Enabled: true }, { reserved: [{ prefix: cidr('fc00::/7'), reason: 'ours' }] })[1], {
    chosen: undefined,
    looked: 1n << 56n,
    passedOver: ['72057594037927936 from fd00::/64 to fdff:ffff:ffff:ffff::/64: reserved ours, fc00::/7'],
  });
});
