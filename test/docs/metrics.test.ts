import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import t from 'tap';
import type { MetricDeclaration } from '../../src/metrics/declaration.js';
import { metricDeclarations } from '../../src/metrics/declarations.js';

/** The table of openapi/metrics.md comes from the declarations; `npm run metrics` writes it, and this test fails when it drifts. */

const file = path.resolve(import.meta.dirname, '../../openapi/metrics.md');
const table = /(?<=## The metrics\n\n)\|.*?\n(?=\n)/s;

function rowOf({ name, type, help, labels }: MetricDeclaration): string {
  const described = Object.entries(labels).map(([label, values]) => `**${label}**: ${values}`);
  return `| \`${name}\` | ${type} | ${help} | ${described.join('<br>')} |`;
}

t.test('the page has each metric', async (t) => {
  const lines = Object.values(metricDeclarations).map(rowOf);
  const text = ['| Metric | Type | Shows | Labels |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
  const printed = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
  const page = readFileSync(file, 'utf8');
  t.match(page, table, 'there is a table');
  const wanted = page.replace(table, () => printed);
  if (process.env['METRICS_WRITE'] === '1') writeFileSync(file, wanted);
  t.equal(readFileSync(file, 'utf8'), wanted, 'the table agrees with the code; else run `npm run metrics`');
});
