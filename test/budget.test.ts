import t from 'tap';
import { Budget } from '../src/budget.js';

t.test('who has held a share the longest loses it first', async (t) => {
  const budget = new Budget(10);
  const lost: string[] = [];
  const take = (name: string, bytes: number) => budget.take(bytes, () => lost.push(name));
  take('a', 4);
  take('b', 4);
  t.same(lost, []);
  take('c', 4);
  t.same(lost, ['a']);
  take('d', 10);
  t.same(lost, ['a', 'b', 'c']);
  t.equal(budget.usedBytes, 10);
});

t.test("what is settled is nobody else's", async (t) => {
  const budget = new Budget(10);
  const lost: string[] = [];
  const settled = budget.take(8, () => lost.push('settled'));
  settled?.settle(5);
  t.equal(budget.usedBytes, 5);
  budget.take(5, () => lost.push('loose'));
  t.equal(
    budget.take(6, () => undefined),
    undefined,
  );
  t.same(lost, [], 'nobody loses what would not be enough');
  budget.take(5, () => undefined)?.release();
  t.same(lost, ['loose'], 'and loses it where it is');
  settled?.release();
  settled?.release();
  t.equal(budget.usedBytes, 0, 'released once');
  t.ok(budget.take(6, () => undefined));
});

t.test('a share never grows, and one that was lost is lost', async (t) => {
  const budget = new Budget(10);
  const first = budget.take(4, () => undefined);
  first?.settle(9);
  t.equal(budget.usedBytes, 4);
  first?.release();
  const lost = budget.take(7, () => undefined);
  budget.take(7, () => undefined);
  lost?.settle(7);
  lost?.release();
  t.equal(budget.usedBytes, 7);
});

t.test('what is larger than all is had alone', async (t) => {
  const budget = new Budget(10);
  let isLost = false;
  budget.take(3, () => (isLost = true));
  t.ok(budget.take(50, () => undefined));
  t.ok(isLost);
  t.equal(budget.usedBytes, 10);
});
