import t from 'tap';
import { mapSideBySide } from '../../src/model/side-by-side.js';

/** Work that waits, several at a time. */

t.test('results come in the order of the items, and no more than the bound wait at the same time', async (t) => {
  let waiting = 0;
  let highest = 0;
  const releases: (() => void)[] = [];
  const mapped = mapSideBySide([5, 4, 3, 2, 1], 2, async (item) => {
    waiting += 1;
    highest = Math.max(highest, waiting);
    await new Promise<void>((resolve) => {
      releases.push(resolve);
    });
    waiting -= 1;
    return item * 10;
  });
  for (let done = 0; done < 5; done += 1) {
    // The last that began ends first.
    while (releases.length === 0) await Promise.resolve();
    releases.pop()?.();
    await new Promise(setImmediate);
  }
  t.same(await mapped, [50, 40, 30, 20, 10]);
  t.equal(highest, 2);
  t.same(await mapSideBySide([], 2, async () => await Promise.reject(new Error('none'))), []);
});

t.test('behind an error no further item begins', async (t) => {
  const begun: number[] = [];
  const mapped = mapSideBySide([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    await new Promise(setImmediate);
    if (item === 1) throw new Error('bad');
  });
  await t.rejects(mapped, { message: 'bad' });
  await new Promise(setImmediate);
  t.same(begun, [1, 2]);
});
