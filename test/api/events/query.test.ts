import t from 'tap';
import { readEventsQuery, type EventsWish } from '../../../src/api/events/query.js';
import type { NetworkEvent } from '../../../src/model/event.js';
import { networkId } from '../../../src/model/names.js';
import type { Network } from '../../../src/model/network.js';
import { planDefaultNetwork } from '../../../src/network/create/default-network.js';
import { cidr } from '../../support/addresses.js';

const second = 1_000_000_000n;
/** 2025-11-25T12:00:00.5Z */
const clock = { nowNs: 1764072000n * second + second / 2n, zoneOffsetMinutes: 60 };

const read = (query: Parameters<typeof readEventsQuery>[0], untilDuration: 'past' | 'future' = 'future'): EventsWish =>
  readEventsQuery(query, untilDuration, '/events', clock);

t.test('times', async (t) => {
  const times: readonly (readonly [text: string, epochNs: bigint | undefined])[] = [
    ['', undefined],
    ['0', 0n],
    ['1764072000', 1764072000n * second],
    ['1764072000.000000001', 1764072000n * second + 1n],
    ['2025-11-25T12:00:00Z', 1764072000n * second],
    ['2025-11-25T13:00:00.25+01:00', 1764072000n * second + second / 4n],
    ['1m30s', clock.nowNs - 90n * second],
    ['1.5s', clock.nowNs - (3n * second) / 2n],
  ];
  for (const [text, epochNs] of times) t.equal(read({ since: text }).sinceNs, epochNs, text);
  t.equal(read({ until: '10s' }).untilNs, clock.nowNs + 10n * second);
  t.equal(read({ until: '10s' }, 'past').untilNs, clock.nowNs - 10n * second);
  t.throws(() => read({ since: 'yesterday' }), { code: 'eventTimeInvalid', kind: 'invalid' });
  t.throws(() => read({ until: '10x' }), { code: 'eventTimeInvalid' });
  t.equal(read({ since: '5s', until: '10s' }).sinceNs, clock.nowNs - 5n * second);
  t.throws(() => read({ since: '5s', until: '10s' }, 'past'), { code: 'eventTimesReversed' });
});

t.test('times decide which events are sent, and how long', async (t) => {
  t.match(read({}), { replays: false, streams: true });
  t.match(read({ stream: false }), { replays: true, streams: false });
  t.match(read({ since: '1h' }), { replays: true, streams: true });
  t.match(read({ until: '1h' }), { replays: true, streams: true });
  t.match(read({ until: '1764072000' }), { replays: true, streams: false });
});

const settings = {
  defaultNetwork: 'web',
  defaultSubnet: cidr('10.1.0.0/24'),
};
const network: Network = {
  ...planDefaultNetwork(settings),
  labels: new Map([
    ['team', 'storage'],
    ['tier', '1'],
  ]),
  createdNs: 0n,
};
const made: NetworkEvent = { action: 'create', timeNs: 1n, network, container: undefined };
const joined: NetworkEvent = { ...made, action: 'connect', container: { id: 'c0ffee', name: 'db' } };
const pruned: NetworkEvent = { ...made, action: 'prune', network: undefined };

t.test('filters', async (t) => {
  const id = networkId('web');
  const cases: readonly (readonly [filters: object, made: boolean, joined: boolean, pruned: boolean])[] = [
    [{}, true, true, true],
    [{ type: ['network'] }, true, true, true],
    [{ type: { network: true } }, true, true, true],
    [{ type: ['container', 'network'] }, true, true, true],
    [{ type: ['container'] }, false, false, false],
    [{ type: [] }, true, true, true],
    [{ event: ['create'] }, true, false, false],
    [{ Event: ['create', 'prune'] }, true, false, true],
    [{ status: ['connect'] }, false, true, false],
    [{ network: ['web'] }, true, true, false],
    [{ network: ['we'] }, false, false, false],
    [{ network: [id.slice(0, 5)] }, true, true, false],
    [{ network: ['other', id] }, true, true, false],
    [{ network: [''] }, false, false, false],
    [{ container: ['db'] }, false, true, false],
    [{ container: ['c0ff'] }, false, true, false],
    [{ container: ['web'] }, false, false, false],
    [{ label: ['team'] }, true, true, false],
    [{ label: ['team=storage', 'tier=1'] }, true, true, false],
    [{ label: ['team=storage', 'tier=2'] }, false, false, false],
    [{ scope: ['local'] }, true, true, true],
    [{ scope: ['swarm'] }, false, false, false],
    [{ image: ['web'] }, false, false, false],
    [{ volume: ['web'] }, false, false, false],
    [{ pod: ['web'] }, false, false, false],
    [{ type: ['network'], event: ['connect'], container: ['db'] }, false, true, false],
  ];
  for (const [filters, ...wanted] of cases) {
    const { filter } = read({ filters: JSON.stringify(filters) });
    t.same(
      [made, joined, pruned].map((event) => filter(event, event.action)),
      wanted,
      JSON.stringify(filters),
    );
  }
  t.ok(read({ filters: '' }).filter(made, 'create'));
  t.throws(() => read({ filters: '{"colour":["red"]}' }), { code: 'filterUnknown' });
  t.throws(() => read({ filters: '{' }), { code: 'filtersUnreadable' });
});
