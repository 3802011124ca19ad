import t from 'tap';
import { Budget, type Claim, type Hold, type Share, type User } from '../../src/server/budget.js';

/** A budget of ten, and the names of those that lost their parts, in order. */
function make() {
  const budget = new Budget(10);
  const lost: string[] = [];
  const take = (name: string, amount: number, user?: User, hold: Claim['hold'] = 'loose') =>
    budget.take({ user, amount, hold, revoke: () => lost.push(name) });
  return { budget, lost, take };
}

t.test('the oldest part of a user goes first, and spare parts go before loose ones', async (t) => {
  const { budget, lost, take } = make();
  take('a', 4);
  const touched = take('b', 3);
  take('spare', 3, undefined, 'spare');
  t.same(lost, []);
  touched?.touch();
  take('c', 4);
  t.same(lost, ['spare', 'a']);
  take('d', 3);
  t.same(lost, ['spare', 'a'], 'no more than is needed');
  take('e', 10);
  t.same(lost, ['spare', 'a', 'b', 'c', 'd']);
  t.equal(budget.used, 10);
});

t.test('the user with the most loses', async (t) => {
  const { lost, take } = make();
  take('modest', 1, 2);
  for (let number = 0; number < 9; number += 1) take(`greedy${number}`, 1, 1);
  t.ok(take('modest too', 1, 2));
  t.same(lost, ['greedy0'], 'not the oldest part of all');
  take('greedy9', 1, 1);
  t.same(lost, ['greedy0', 'greedy1'], 'this user loses to itself, too');
  for (const user of [3, 4, 5, 6, 7]) t.ok(take(`user ${user}`, 1, user));
  t.notOk(lost.some((name) => !name.startsWith('greedy')));
});

t.test('a firm part goes for the sake of a user with less, and of no other', async (t) => {
  const { budget, lost, take } = make();
  for (let number = 0; number < 10; number += 1) t.ok(take(`firm${number}`, 1, 1, 'firm'));
  t.equal(take('another', 1, 1, 'firm'), undefined);
  t.same(lost, []);
  for (let number = 0; number < 5; number += 1) t.ok(take(`other${number}`, 1, 2, 'firm'));
  t.same(lost, ['firm0', 'firm1', 'firm2', 'firm3', 'firm4']);
  t.equal(take('one more', 1, 2, 'firm'), undefined, 'both users have as many');
  t.equal(budget.usedBy(1), 5);
});

t.test('the budget asks how firm a part is when it needs room', async (t) => {
  const { lost, take } = make();
  let hold: Hold = 'spare';
  const share = take('busy', 5, 1, () => hold);
  take('idle', 5, 1, 'spare');
  hold = 'firm';
  t.ok(take('new', 1, 1, 'firm'));
  t.same(lost, ['idle']);
  hold = 'spare';
  share?.touch();
  t.ok(take('newer', 5, 1, 'firm'));
  t.same(lost, ['idle', 'busy']);
});

t.test('a user keeps a fixed part, and a user fixes no more than it leaves to others', async (t) => {
  const { budget, lost, take } = make();
  const first = take('first', 3, 1);
  t.equal(first?.fix(), true);
  const second = take('second', 3, 1);
  t.equal(second?.fix(), false, 'six of ten');
  t.ok(take('other', 4, 2)?.fix() === false, 'four of the seven that are not fixed');
  t.same(lost, []);
  t.ok(take('other', 3, 2)?.fix());
  t.same(lost, ['other'], 'a part that is not fixed makes room');
  t.equal(take('too much', 5, 3), undefined);
  first?.release();
  first?.release();
  t.equal(budget.used, 6, 'released once');
  t.ok(take('enough', 4, 3));
  t.equal(first?.fix(), false, 'a released part cannot be fixed');
  t.equal(first?.resize(1), false);
});

t.test('a user that takes fixed parts leaves as much to others', async (t) => {
  const { budget } = make();
  const shares = Array.from({ length: 10 }, () => budget.takeFixed(1, 1)).filter((share) => share !== undefined);
  t.equal(shares.length, 5);
  t.equal(Array.from({ length: 10 }, () => budget.takeFixed(2, 1)).filter(Boolean).length, 2);
  t.ok(budget.takeFixed(3, 1), 'a third user gets a part all the same');
  for (const share of shares) share.release();
  t.equal(budget.used, 3);
  t.equal(budget.usedBy(1), 0);
});

t.test('a share grows and shrinks', async (t) => {
  const { budget, lost, take } = make();
  const growing = take('growing', 0);
  take('other', 6);
  t.ok(growing?.resize(4));
  t.same(lost, []);
  t.ok(growing?.resize(5));
  t.same(lost, ['other'], 'other parts make room, and the growing one does not');
  t.ok(growing?.resize(2));
  t.equal(budget.used, 2);
  growing?.fix();
  growing?.resize(3);
  t.equal(take('too much', 8), undefined);
  t.ok(take('all the rest', 7));
});

t.test('a share that is revoked while it grows has nothing', async (t) => {
  const budget = new Budget(10);
  const shares: (Share | undefined)[] = [];
  shares.push(budget.take({ user: 1, amount: 5, hold: 'loose', revoke: () => shares[1]?.release() }));
  shares.push(budget.take({ user: 1, amount: 5, hold: 'loose', revoke: () => undefined }));
  t.equal(shares[1]?.resize(8), false);
  t.equal(budget.used, 0);
});

t.test('a part larger than the budget is taken alone', async (t) => {
  const { budget, lost, take } = make();
  take('small', 3);
  t.ok(take('large', 50));
  t.same(lost, ['small']);
  t.equal(budget.used, 10);
});
