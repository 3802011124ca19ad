import t, { type Test } from 'tap';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { prefixOrSize } from '../../../src/ip/prefix-size.js';
import type { NetworkRequest } from '../../../src/model/request.js';
import { checkRequest } from '../../../src/network/create/check.js';
import { HostFactsGatherer } from '../../../src/network/create/host-facts.js';
import { planNetwork } from '../../../src/network/create/plan.js';
import { cidr } from '../../support/addresses.js';
import { makePluginFacts } from '../../support/plugin-facts.js';
import { request } from '../../support/service.js';
import { makeSettings } from '../../support/settings.js';
import { takePrefixes, type TakenTexts } from '../../support/taken.js';

/** A plan for a client that knows of the network `own` alone, and of nothing else on the host. */

const wanted = (prefix: string) => [
  {
    prefix: prefixOrSize(cidr(prefix)),
    gateway: undefined,
    leaseStart: undefined,
    leaseEnd: undefined,
    reserved: new Map(),
  },
];

const { links, linkNamed } = new HostFactsGatherer().gather({
  links: [
    { name: 'br-lab', kind: 'bridge', alternatives: ['alt-lab'] },
    { name: 'br-own', kind: 'bridge', alternatives: ['alt-own'] },
    { name: 'lab0', kind: 'veth', alternatives: ['veth-lab'] },
    { name: 'eth0', kind: 'device' },
  ],
  addresses: [],
  routes: [],
});

function plan(
  given: TakenTexts,
  asked: Partial<NetworkRequest>,
): { readonly text: string; readonly warnings: readonly string[] } {
  const taken = takePrefixes(given);
  const settings = makeSettings({
    subnetPools: [{ base: cidr('10.1.0.0/23'), prefixBits: 24 }],
    reserved: [{ prefix: cidr('10.200.0.0/16'), reason: 'the office' }],
  });
  const scoped = {
    ...taken,
    host: { ...taken.host, links, linkNamed },
    sight: {
      seesNetwork: (name: string | undefined) => name === 'own',
      seesBridge: (bridge: string) => bridge === 'br-own',
      seesHost: false,
    },
    hasName: (name: string) => ['own', 'lab'].includes(name),
    hasBridge: (bridge: string) => ['br-own', 'br-lab'].includes(bridge),
    freeDeviceNumber: () => 1,
  };
  try {
    const { warnings } = planNetwork(checkRequest(request('new', asked)), scoped, settings, makePluginFacts());
    return { text: 'planned', warnings };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return { text: `${error.code}: ${error.message} (${error.remedy}; ${error.root})`, warnings: [] };
  }
}

const taken: TakenTexts = {
  networks: { own: ['10.50.0.0/24'], lab: ['10.60.0.0/24'] },
  files: { '/net.d/broken.conflist': ['10.61.0.0/24'] },
  interfaces: { 'lab-eth7': '10.70.0.0/24' },
};

const isWithheld = (t: Test, text: string, code: string, value: string) => {
  t.match(text, new RegExp(`^${code}: .*${value}`));
  t.notMatch(text, /\blab|broken|10\.\d+\.0\.0\/24|veth \(/, 'no word of the holder');
};

t.test('who has a subnet, a name or an interface is withheld', async (t) => {
  for (const [subnet, holder] of [
    ['10.60.0.0/25', 'a network'],
    ['10.60.0.0/16', 'a network inside'],
    ['10.61.0.0/25', 'a file'],
    ['10.70.0.0/25', 'an interface'],
  ] as const)
    await t.test(holder, async (t) =>
      isWithheld(t, plan(taken, { subnets: wanted(subnet) }).text, 'subnetUnavailable', subnet),
    );
  isWithheld(t, plan(taken, { name: 'lab' }).text.replaceAll('name lab', 'name L'), 'nameUnavailable', 'name L');
  isWithheld(t, plan(taken, { networkInterface: 'br-lab' }).text.replaceAll('br-lab', 'B'), 'bridgeNameUsed', 'B');
  isWithheld(t, plan(taken, { networkInterface: 'veth-lab' }).text.replaceAll('veth-lab', 'V'), 'bridgeNameUsed', 'V');
  const macvlan = (networkInterface: string) => plan(taken, { driver: 'macvlan', networkInterface }).text;
  t.match(macvlan('br-lab'), /^parentMissing: parent interface br-lab does not exist/);
  t.match(macvlan('alt-lab'), /^parentMissing: parent interface alt-lab does not exist/, 'by another name');
  t.equal(macvlan('br-own'), 'planned');
  t.equal(macvlan('alt-own'), 'planned');
  t.equal(macvlan('eth0'), 'planned');
});

t.test('what the client knows, and what is reserved, is named', async (t) => {
  t.match(
    plan(taken, { subnets: wanted('10.50.0.0/25') }).text,
    /subnetUsedByNetwork: .*10\.50\.0\.0\/24 of network own/,
  );
  t.match(plan(taken, { name: 'own' }).text, /nameUsed: network name own already used/);
  t.match(plan(taken, { subnets: wanted('10.200.1.0/24') }).text, /subnetReserved: .*the office/);
});

t.test('an exhausted pool names its holders only to a client that knows all of them', async (t) => {
  const full = (network: string) => plan({ networks: { own: ['10.1.0.0/24'], [network]: ['10.1.1.0/24'] } }, {}).text;
  t.match(
    full('lab'),
    /subnetsExhausted: could not find free subnet from subnet pools: all in use in 10\.1\.0\.0\/23 \(2 of size \/24\) /,
  );
  t.notMatch(full('lab'), /\blab|own|most is taken/);
  const own = plan({ networks: { own: ['10.1.0.0/24', '10.1.1.0/24'] } }, {}).text;
  t.match(own, /most is taken by network own \(2\)/);
});

t.test('a route and a DNS server that a subnet has to overlap are not named', async (t) => {
  const given = {
    networks: { lab: ['10.1.0.0/24'] },
    routes: { '10.1.1.0/25': 'vpn-lab' },
    dnsServers: ['10.1.1.200/32'],
  };
  t.strictSame(plan(given, {}).warnings, [
    'subnet 10.1.1.0/24 overlaps the routes and the DNS servers of this host: every other subnet of the pools is in use',
  ]);
});
