import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { KeyedQueue } from '../../src/model/keyed-queue.js';

t.test('work of one key runs in the order of the calls, of another beside it', async (t) => {
  const queue = new KeyedQueue();
  const log: string[] = [];
  const work = (key: string, name: string, turns: number) =>
    queue.run(key, async () => {
      log.push(`${name} begins`);
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      log.push(`${name} ends`);
      return name;
    });
  const names = await Promise.all([work('a', 'first', 5), work('a', 'second', 0), work('b', 'other', 1)]);
  t.strictSame(names, ['first', 'second', 'other']);
  t.strictSame(log, ['first begins', 'other begins', 'other ends', 'first ends', 'second begins', 'second ends']);
});

t.test('a failure reaches its caller and stops no other work', async (t) => {
  const queue = new KeyedQueue();
  const failing = queue.run('a', async () => await Promise.reject(new Error('failed')));
  const next = queue.run('a', async () => await Promise.resolve('done'));
  await t.rejects(failing, { message: 'failed' });
  t.equal(await next, 'done');
  t.equal(await queue.run('a', async () => await Promise.resolve('later')), 'later');
});
