import t from 'tap';
import { EventLog } from '../../src/network/event-log.js';

function makeLog() {
  const follows = { now: 0, ever: 0 };
  const log = new EventLog({
    refresh: async () => await Promise.resolve(),
    follow: () => {
      follows.now += 1;
      follows.ever += 1;
      return () => (follows.now -= 1);
    },
  });
  return { log, follows };
}

const prune = { action: 'prune', network: undefined, container: undefined } as const;

t.test('keeps the last thousand, each with a later time', async (t) => {
  const { log } = makeLog();
  for (let times = 0; times < 1_100; times += 1) log.tell(prune);
  const past = log.past();
  t.equal(past.length, 1_000);
  t.ok(past.every(({ timeNs }, index) => index === 0 || timeNs > (past[index - 1]?.timeNs ?? timeNs)));
});

t.test('the folder is followed while somebody listens, once for all', async (t) => {
  const { log, follows } = makeLog();
  const heard: string[] = [];
  log.tell(prune);
  const first = log.subscribe(
    () => heard.push('first'),
    () => undefined,
  );
  const second = log.subscribe(
    () => heard.push('second'),
    () => undefined,
  );
  t.same(follows, { now: 1, ever: 1 });
  log.tell(prune);
  first();
  log.tell(prune);
  t.equal(follows.now, 1);
  second();
  log.tell(prune);
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
    () => t.fail('told after the end'),
    () => (ends += 1),
  );
  log.close();
  t.equal(ends, 1);
  end();
  log.tell(prune);
  await new Promise<void>((resolve) => log.subscribe(() => t.fail('told after the end'), resolve));
  t.equal(follows.now, 0);
});
