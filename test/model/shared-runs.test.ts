import t from 'tap';
import { SharedRuns } from '../../src/model/shared-runs.js';

t.test('a failure reaches those who share its run, and no later caller', async (t) => {
  const runs = new SharedRuns<string, number>();
  let count = 0;
  const run = async () => {
    count += 1;
    const own = count;
    await new Promise(setImmediate);
    if (own === 2) throw new Error('no');
    return own;
  };
  const [first, second, third] = await Promise.allSettled([runs.run('a', run), runs.run('a', run), runs.run('a', run)]);
  t.match(first, { status: 'fulfilled', value: 1 });
  t.match([second, third], [{ status: 'rejected' }, { status: 'rejected' }]);
  t.equal(await runs.run('a', run), 3);
});

t.test('a caller that comes as one run ends does not run beside the next', async (t) => {
  const runs = new SharedRuns<string, void>();
  let active = 0;
  let most = 0;
  const run = async () => {
    active += 1;
    most = Math.max(most, active);
    await new Promise(setImmediate);
    active -= 1;
  };
  const callers: Promise<void>[] = [];
  for (let index = 0; index < 200; index += 1) {
    callers.push(runs.run('a', run).then(async () => await runs.run('a', run)));
    if (index % 3 === 0) await Promise.resolve();
    if (index % 7 === 0) await new Promise(setImmediate);
  }
  await Promise.all(callers);
  t.equal(most, 1);
});
