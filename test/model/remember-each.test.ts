import t from 'tap';
import { rememberEach } from '../../src/model/remember-each.js';

t.test('computes once for each object', async (t) => {
  const computed: number[] = [];
  const isOdd = rememberEach(({ value }: { readonly value: number }) => {
    computed.push(value);
    return value % 2 === 1;
  });
  const [one, two, otherOne] = [{ value: 1 }, { value: 2 }, { value: 1 }];
  t.same([one, two, one, two, otherOne].map(isOdd), [true, false, true, false, true]);
  t.same(computed, [1, 2, 1], 'also where the result is false');
});

t.test('computes again after a failure', async (t) => {
  let failures = 1;
  const key = {};
  const compute = rememberEach(() => {
    if (failures-- > 0) throw new Error('not now');
    return 'done';
  });
  t.throws(() => compute(key), { message: 'not now' });
  t.equal(compute(key), 'done');
});
