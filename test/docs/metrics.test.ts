import t from 'tap';
import type { MetricDeclaration } from '../../src/metrics/declaration.js';
import { metricDeclarations } from '../../src/metrics/declarations.js';
import { checkWrittenTable } from './written-table.js';

/** The table of openapi/metrics.md comes from the declarations; `npm run metrics` writes it, and this test fails when it drifts. */

const place = /(?<=## The metrics\n\n)\|.*?\n(?=\n)/s;

function rowOf({ name, type, help, labels }: MetricDeclaration): string {
  const described = Object.entries(labels).map(([label, values]) => `**${label}**: ${values}`);
  return `| \`${name}\` | ${type} | ${help} | ${described.join('<br>')} |`;
}

t.test('the page has each metric', async (t) => {
  const lines = Object.values(metricDeclarations).map(rowOf);
  const head = ['| Metric | Type | Shows | Labels |', '| --- | --- | --- | --- |'];
  await checkWrittenTable(t, { page: 'openapi/metrics.md', place, lines: [...head, ...lines], script: 'metrics' });
});
