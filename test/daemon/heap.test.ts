import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';

/** Also where the sizes that V8 reports fall with each collection, as from V8 14 (Node 26) on. */

const preload = path.resolve(import.meta.dirname, '../support/young-generation.cjs');

t.test("V8's young generation grows to 8 MiB and no further", async (t) => {
  const file = path.join(makeScratch(t), 'bytes');
  const daemon = await startDaemon(t, { env: { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_YOUNG: file } });
  for (let round = 0; round < 15; round += 1)
    await Promise.all(
      Array.from({ length: 32 }, async (_, index) => {
        await daemon.ask('POST', '/networks/create', { Name: `young${round}-${index}` });
        await daemon.ask('GET', '/networks');
      }),
    );
  t.match((await daemon.ask('GET', '/networks')).json(), { length: 15 * 32 + 1 }, 'those and the default network');
  await daemon.stop();
  t.equal(Math.round(Number(readFileSync(file, 'utf8')) / 1_048_576), 8);
});
