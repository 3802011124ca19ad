import t from 'tap';
import type { NetworkEvent } from '../../../src/model/event.js';
import { EventLog, kept } from '../../../src/network/events/event-log.js';
import { ScopedEvents } from '../../../src/network/scope/scoped-events.js';

const event = (name: string, team: string): Omit<NetworkEvent, 'timeNs'> => ({
  action: 'create',
  network: { id: name, name, driver: 'bridge', labels: new Map([['team', team]]) },
  container: undefined,
});

t.test('a reader loses its place only when the log forgets an event that it sees', async (t) => {
  const log = new EventLog({ refresh: async () => await Promise.resolve(), follow: () => () => undefined });
  const scoped = new ScopedEvents(log, { key: 'team', value: 'x' });
  // As each event stream does.
  const begins: number[] = [];
  const leave = scoped.subscribe(
    () => begins.push(scoped.begin),
    () => undefined,
  );
  const emit = (count: number, team: string) => {
    for (let times = 0; times < count; times += 1) log.emit(event('web', team));
  };
  emit(2 * kept.events, 'y');
  t.ok(log.begin > kept.events, 'the log has forgotten many');
  t.strictSame([...new Set(begins)], [0]);
  emit(1, 'x');
  const place = log.end - 1;
  emit(kept.events / 4, 'y');
  t.equal(scoped.begin, 0);
  t.equal(scoped.at(place)?.network?.name, 'web');
  emit(kept.events, 'y');
  t.equal(scoped.begin, place + 1, 'this one was seen');
  leave();
  emit(2 * kept.events, 'y');
  t.equal(scoped.begin, log.begin, 'what nobody listened to is not known');
});
