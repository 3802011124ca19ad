import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import t from 'tap';
import { limits } from '../../src/api/limits.js';
import { bounds } from '../../src/model/bounds.js';
import { limitRows } from './limit-rows.js';

/** The table of systemd/limits.md comes from the code; `npm run limits` writes it, and this test fails when it drifts. */

const file = path.resolve(import.meta.dirname, '../../systemd/limits.md');
const table = /(?<=## The table\n\n)\|.*?\n(?=\n)/s;

t.test('the page shows the limits of the code', async (t) => {
  const lines = limitRows.map(({ what, limit, beyond }) => `| ${what} | ${limit} | ${beyond} |`);
  const text = ['| Resource | Limit | Beyond it |', '| --- | --- | --- |', ...lines, ''].join('\n');
  const printed = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
  const page = readFileSync(file, 'utf8');
  t.match(page, table, 'there is a table');
  const wanted = page.replace(table, () => printed);
  if (process.env['LIMITS_WRITE'] === '1') writeFileSync(file, wanted);
  t.equal(readFileSync(file, 'utf8'), wanted, 'the table is what the code says; else run `npm run limits`');
});

t.test('no limit is left out', async (t) => {
  const shown = new Set<string>(limitRows.flatMap(({ about }) => about));
  t.strictSame(
    [...Object.keys(limits), ...Object.keys(bounds)].filter((key) => !shown.has(key)),
    [],
  );
});
