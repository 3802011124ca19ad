import t from 'tap';
import type { NetworkRequest } from '../../../src/model/request.js';
import { prefixOrSize } from '../../../src/ip/prefix-size.js';
import { checkRequest } from '../../../src/network/create/check.js';
import { explainRequest } from '../../../src/network/create/explain-request.js';
import { LastExplanation } from '../../../src/network/create/last-explanation.js';
import { planSubnets } from '../../../src/network/create/plan-subnets.js';
import { cidr } from '../../support/addresses.js';
import { request } from '../../support/service.js';
import { makeSettings } from '../../support/settings.js';
import { takePrefixes } from '../../support/taken.js';

const settings = makeSettings({ subnetPools: [{ base: cidr('10.1.0.0/16'), prefixBits: 24 }] });
const taken = takePrefixes({ networks: { web: ['10.1.0.0/24'] }, interfaces: { eth0: '10.1.1.0/24' } });

interface State {
  readonly taken: typeof taken;
  readonly settings: typeof settings;
  readonly revision: string;
}
const first: State = { taken, settings, revision: 'a' };

const subnet = (text: string) => ({
  prefix: prefixOrSize(cidr(text)),
  gateway: undefined,
  leaseStart: undefined,
  leaseEnd: undefined,
  reserved: new Map(),
});

/** Explains by the last explanation and anew. */
function explain(last: LastExplanation, state: State, wanted: Partial<NetworkRequest> = {}, name = 'new') {
  const checked = checkRequest(request(name, wanted));
  const planned = { name, subnets: planSubnets(checked, state.taken, state.settings).subnets };
  return {
    shared: last.explain(checked, planned, state.taken, state.settings, state.revision),
    anew: explainRequest(checked, planned, state.taken, state.settings),
  };
}

t.test('requests for one subnet from the pools share an explanation while nothing changes', async (t) => {
  const last = new LastExplanation();
  const { shared, anew } = explain(last, first);
  t.strictSame(shared, anew);
  t.equal(explain(last, first, {}, 'other').shared, shared);
  t.equal(explain(last, first, { internal: true }).shared, shared);
});

t.test('whatever an explanation rests on, the next state has its own', async (t) => {
  const reserving = (reason: string) => ({
    ...first,
    settings: { ...settings, reserved: [{ prefix: cidr('10.1.2.0/24'), reason }] },
  });
  const renamed = takePrefixes({ networks: { web: ['10.1.0.0/24'] }, interfaces: { eth1: '10.1.1.0/24' } });
  const states: Readonly<Record<string, State>> = {
    first,
    'the name of a network': {
      ...first,
      taken: { ...taken, userOf: () => ({ network: 'shop', path: undefined }) },
      revision: 'b',
    },
    // Of the same revision.
    'the link of an address': { ...first, taken: { ...renamed, used: taken.used }, revision: 'b' },
    'a reservation': reserving('office'),
    'its reason': reserving('lab'),
  };
  const last = new LastExplanation();
  const seen = new Set<string>();
  for (const [change, state] of Object.entries(states)) {
    const { shared, anew } = explain(last, state);
    t.strictSame(shared, anew, change);
    seen.add(JSON.stringify(shared, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));
  }
  t.equal(seen.size, Object.keys(states).length, 'each change shows');
});

t.test('a request for something else has its own explanation', async (t) => {
  const last = new LastExplanation();
  const wishes: readonly Partial<NetworkRequest>[] = [
    {},
    { subnets: [subnet('0.0.0.0/26')] },
    { subnets: [subnet('10.1.9.0/24')] },
    { subnets: [subnet('0.0.0.0/24'), subnet('0.0.0.0/24')] },
    { ipv6Enabled: true },
    {},
  ];
  for (const wish of wishes) {
    const { shared, anew } = explain(last, first, wish);
    t.strictSame(shared, anew, JSON.stringify(Object.keys(wish)));
  }
});
