import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { UserRounds } from '../../src/server/user-rounds.js';

/** Works for 5 ms, longer than a turn of the event loop has for beginning work. */
function workLong(): void {
  const until = performance.now() + 5;
  while (performance.now() < until);
}

t.test('with nothing else to do, work begins at once', (t) => {
  let begun = 0;
  new UserRounds().run(1, () => (begun += 1));
  t.equal(begun, 1);
  t.end();
});

t.test('a user with much work gets no more turns than one with little', async (t) => {
  const rounds = new UserRounds();
  const order: string[] = [];
  const work = (user: number, name: string) =>
    rounds.run(user, () => {
      order.push(name);
      workLong();
    });
  for (let count = 0; count < 20; count += 1) work(1, `many ${count}`);
  t.strictSame(order, ['many 0'], 'the rest waits for later turns of the event loop');
  work(2, 'first of few');
  work(2, 'second of few');
  while (order.length < 22) await nextTurn();
  t.strictSame(order.slice(0, 6), ['many 0', 'many 1', 'first of few', 'many 2', 'second of few', 'many 3']);
  t.strictSame(
    order.filter((name) => name.startsWith('many')),
    Array.from({ length: 20 }, (_, count) => `many ${count}`),
    'a user’s work runs in the order of the calls',
  );
});

t.test('other work gets the event loop between two turns', async (t) => {
  const rounds = new UserRounds();
  let begun = 0;
  for (let count = 0; count < 10; count += 1) {
    rounds.run(1, () => {
      begun += 1;
      workLong();
    });
  }
  const seen: number[] = [];
  while (begun < 10) {
    seen.push(begun);
    await nextTurn();
  }
  t.ok(seen.length >= 9, `had a turn after ${seen.join(', ')}`);
});
