import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isSettling, isYoung } from '../../../src/host/files/file-stamp.js';
import { Files } from '../../../src/host/files/files.js';
import { makeScratch } from '../../support/scratch.js';

t.test('a file that just changed counts as settling, whatever its mtime says', (t) => {
  const file = path.join(makeScratch(t), 'a');
  writeFileSync(file, 'a');
  const stampOf = (seconds: number) => {
    utimesSync(file, seconds, seconds);
    const stamp = new Files().stamp(file);
    if (stamp === undefined) throw new Error('no stamp');
    return stamp;
  };
  const [now, old, ahead] = [stampOf(Date.now() / 1000), stampOf(1), stampOf(4_000_000_000)];
  t.strictSame([now, old, ahead].map(isYoung), [true, false, false]);
  t.strictSame([now, old, ahead].map(isSettling), [true, true, true]);
  t.notOk(isSettling({ ...old, ctimeNs: old.mtimeNs }));
  t.end();
});
