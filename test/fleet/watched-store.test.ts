import t from 'tap';
import type { StoreMoment } from '../../src/fleet/store/claim-store.js';
import { WatchedStore } from '../../src/fleet/store/watched-store.js';
import { FakeStore } from './model/fake-store.js';
import { makeRandom, VirtualTime } from './model/virtual-time.js';

/** A store whose leases are answered by a member that shows a moment of its own. */
function watch(known: StoreMoment | undefined) {
  const time = new VirtualTime();
  const fake = new FakeStore(time, makeRandom(1));
  const replaced: string[] = [];
  let member: Partial<StoreMoment> = {};
  const client = fake.clientOf(() => true);
  const store = new WatchedStore(
    { ...client, keepLease: async (...given) => ({ ...(await client.keepLease(...given)), ...member }) },
    known,
    (reason) => replaced.push(reason),
  );
  const run = async (act: () => Promise<unknown>) => {
    const done = act();
    await time.advance({ ms: 1_000 }, () => undefined);
    await done;
  };
  const write = async () =>
    await run(async () => await store.run({ success: [{ kind: 'put', key: 'k', value: 'v' }] }, Infinity));
  const keep = async (shown: Partial<StoreMoment>) => {
    member = shown;
    await run(async () => await store.keepLease('1', Infinity));
  };
  return { fake, store, replaced, write, keep };
}

t.test('a member that lags behind is no older store', async (t) => {
  const { store, replaced, write, keep } = watch(undefined);
  await write();
  await write();
  await keep({ revision: 1n });
  t.strictSame(replaced, []);
  await keep({ revision: 9n });
  t.match(store.moment, { revision: 9n }, 'one that is ahead shows a later moment');
});

t.test('an older store and another one are noticed once', async (t) => {
  const { fake, replaced, write, keep } = watch({ revision: 1n, clusterId: 'c1' });
  const saved = fake.save();
  await write();
  t.strictSame(replaced, []);
  fake.restore(saved);
  await keep({});
  t.strictSame(replaced, ['its revision was 2, and is 1']);
  fake.restore(saved, 'c2');
  await write();
  await write();
  t.strictSame(replaced.slice(1), ['it was the cluster c1, and is c2']);
});

t.test('answers side by side notice one replacement', async (t) => {
  const { store, fake, replaced, write } = watch(undefined);
  const saved = fake.save();
  for (let count = 0; count < 5; count += 1) await write();
  fake.restore(saved);
  await Promise.all([write(), write(), write()]);
  t.equal(replaced.length, 1);
  t.match(store.moment, { clusterId: 'c1' });
});
