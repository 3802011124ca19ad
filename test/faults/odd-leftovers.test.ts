import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';

/** Folders under the names of podnetd's unfinished files. */

t.test('a folder in the way of a temporary name is passed over, and hides no leftover', async (t) => {
  const scratch = makeScratch(t);
  const folder = path.join(scratch, 'net.d');
  const cacheDir = path.join(scratch, 'cache');
  const places = [folder, path.join(cacheDir, 'results'), path.join(cacheDir, 'podnetd')];
  // The folders come first in the order of names.
  const inTheWay = places.flatMap((place) =>
    ['tmp', 'old'].map((kind) => path.join(place, `.podnetd-${'0'.repeat(16)}.${kind}`)),
  );
  const leftovers = places.map((place) => path.join(place, `.podnetd-${'f'.repeat(16)}.tmp`));
  for (const name of inTheWay) mkdirSync(name, { recursive: true });
  for (const name of leftovers) writeFileSync(name, '{"half');

  const daemon = await startDaemon(t, { folder, args: ['--cni-cache-dir', cacheDir] });
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'made' })).status, 201);
  for (let tries = 0; tries < 500 && leftovers.some((name) => existsSync(name)); tries += 1) await sleep(10);
  for (const name of leftovers) t.notOk(existsSync(name), name);
  for (const name of inTheWay) t.ok(existsSync(name), name);
  t.same((await daemon.ask('GET', '/podnetd/v1/problems')).json(), []);
  t.equal((await daemon.ask('DELETE', '/networks/made')).status, 204);
  const unusual = daemon.log().filter(({ level, msg }) => Number(level) > 40 || msg === 'unfinished files stay');
  t.same(unusual, []);
});
