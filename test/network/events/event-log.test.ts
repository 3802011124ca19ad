import t from 'tap';
import type { Network } from '../../../src/model/network.js';
import { EventClock } from '../../../src/network/events/event-clock.js';
import { EventLog } from '../../../src/network/events/event-log.js';
import { pastEvents } from '../../support/past-events.js';

function makeLog(onFailure?: (error: unknown) => void, clock?: EventClock) {
  const follows = { now: 0, ever: 0 };
  const log = new EventLog(
    {
      refresh: async () => await Promise.resolve(),
      follow: () => {
        follows.now += 1;
        follows.ever += 1;
        return () => (follows.now -= 1);
      },
    },
    onFailure,
    clock,
  );
  return { log, follows };
}

const network: Network = {
  id: 'id',
  name: 'name',
  driver: 'bridge',
} as Network;

const prune = { action: 'prune', network: undefined, container: undefined } as const;

t.test('keeps the last events, each with a later time', async (t) => {
  const { log } = makeLog();
  for (let times = 0; times < 10_000; times += 1) log.emit(prune);
  const past = pastEvents(log);
  t.ok(past.length > 5_000 && past.length < 10_000, `${past.length} are kept`);
  t.equal(log.end, 10_000, 'and counts all of them');
  t.equal(log.at(log.begin - 1), undefined);
  t.equal(log.at(log.end), undefined);
  t.ok(past.every(({ timeNs }, index) => index === 0 || timeNs > (past[index - 1]?.timeNs ?? timeNs)));
});

t.test('keeps the latest events within some megabytes, without the texts of networks', async (t) => {
  const { log } = makeLog();
  const emit = (number: number, labelBytes: number) => {
    const labels = new Map([['note', 'x'.repeat(labelBytes)]]);
    log.emit({ action: 'create', network: { ...network, name: `net${number}`, labels }, container: undefined });
  };
  for (let number = 0; number < 100; number += 1) emit(number, 1_000_000);
  const past = pastEvents(log);
  t.ok(past.length > 0 && past.length < 5, `${past.length} are kept`);
  t.equal(past.at(-1)?.network?.name, 'net99');
  t.same(Object.keys(past[0]?.network ?? {}).toSorted(), ['driver', 'id', 'labels', 'name']);

  emit(100, 20_000_000);
  t.same(pastEvents(log), [], 'an event above the bound is emitted and not kept');
  for (let number = 0; number < 1_000; number += 1) emit(number, 10);
  t.equal(pastEvents(log).length, 1_000, 'and its room is free again');
});

t.test('a listener that fails ends its own subscription alone', async (t) => {
  const failures: unknown[] = [];
  const { log, follows } = makeLog((error) => failures.push(error));
  const heard: string[] = [];
  const fault = new Error('a bug');
  log.subscribe(
    () => heard.push('first'),
    () => t.fail('the first goes on'),
  );
  log.subscribe(
    () => {
      heard.push('faulty');
      throw fault;
    },
    () => {
      heard.push('end');
      throw fault;
    },
  );
  const last = log.subscribe(
    () => heard.push('last'),
    () => t.fail('the last goes on'),
  );
  log.emit(prune);
  log.emit(prune);
  t.same(heard, ['first', 'faulty', 'end', 'last', 'first', 'last']);
  t.same(failures, [fault, fault], 'of the listener, and of its end');
  last();
  t.equal(follows.now, 1);
});

t.test('the folder is not followed for a listener that failed', async (t) => {
  const { log, follows } = makeLog(() => undefined);
  log.subscribe(
    () => {
      throw new Error('a bug');
    },
    () => undefined,
  );
  log.emit(prune);
  t.equal(follows.now, 0);
});

t.test('the folder is followed once while there are listeners', async (t) => {
  const { log, follows } = makeLog();
  const heard: string[] = [];
  log.emit(prune);
  const first = log.subscribe(
    () => heard.push('first'),
    () => undefined,
  );
  const second = log.subscribe(
    () => heard.push('second'),
    () => undefined,
  );
  t.same(follows, { now: 1, ever: 1 });
  log.emit(prune);
  first();
  log.emit(prune);
  t.equal(follows.now, 1);
  second();
  log.emit(prune);
  t.same(heard, ['first', 'second', 'second']);
  t.same(follows, { now: 0, ever: 1 });
  log.subscribe(
    () => undefined,
    () => undefined,
  );
  t.same(follows, { now: 1, ever: 2 });
});

t.test('closing ends every subscription, and later ones at once', async (t) => {
  const { log, follows } = makeLog();
  let ends = 0;
  const end = log.subscribe(
    () => t.fail('called after the end'),
    () => (ends += 1),
  );
  log.close();
  t.equal(ends, 1);
  end();
  log.emit(prune);
  await new Promise<void>((resolve) => log.subscribe(() => t.fail('called after the end'), resolve));
  t.equal(follows.now, 0);
});

t.test('bounds select a part of the order of events, whatever the clock did', async (t) => {
  let nowMs = 0;
  const { log } = makeLog(undefined, new EventClock(() => nowMs));
  const second = 1_000_000_000n;
  // Seconds by the clock, which is a hundred ahead and is then set back.
  for (const at of [10, 10, 120, 30, 40]) {
    nowMs = at * 1_000;
    log.emit(prune);
  }
  nowMs = 50_000;
  const all = pastEvents(log);
  t.same(
    all.map(({ timeNs }) => timeNs),
    [10n * second, 10n * second + 1n, 120n * second, 30n * second, 40n * second],
  );
  const shown = (sinceNs?: bigint, untilNs?: bigint) =>
    pastEvents(log, { sinceNs, untilNs }).map((event) => all.indexOf(event));
  t.same(shown(10n * second + 1n), [1, 2, 3, 4]);
  t.same(shown(35n * second), [2, 3, 4], 'a time that was ahead does not hide later events');
  t.same(shown(120n * second + 1n), [3, 4], 'also from a client that has seen it');
  t.same(shown(120n * second + 3n), []);
  t.same(shown(undefined, 10n * second), [0]);
  t.same(shown(undefined, 35n * second), [0, 1, 2, 3]);
  t.same(shown(undefined, 50n * second), [0, 1, 2, 3, 4], 'all have happened by now');
  t.same(shown(35n * second, 36n * second), [2, 3]);
  t.same(shown(200n * second, 300n * second), []);
});
