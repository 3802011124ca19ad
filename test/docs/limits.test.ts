import t from 'tap';
import { limits } from '../../src/api/limits.js';
import { bounds } from '../../src/model/bounds.js';
import { limitRows } from './limit-rows.js';
import { checkWrittenTable } from './written-table.js';

/** The table of systemd/limits.md comes from the code; `npm run limits` writes it, and this test fails when it drifts. */

const place = /(?<=## The table\n\n)\|.*?\n(?=\n)/s;

t.test('the page shows the limits of the code', async (t) => {
  const lines = limitRows.map(({ what, limit, beyond }) => `| ${what} | ${limit} | ${beyond} |`);
  const head = ['| Resource | Limit | Beyond it |', '| --- | --- | --- |'];
  await checkWrittenTable(t, { page: 'systemd/limits.md', place, lines: [...head, ...lines], script: 'limits' });
});

t.test('no limit is left out', async (t) => {
  const shown = new Set<string>(limitRows.flatMap(({ about }) => about));
  t.strictSame(
    [...Object.keys(limits), ...Object.keys(bounds)].filter((key) => !shown.has(key)),
    [],
  );
});
