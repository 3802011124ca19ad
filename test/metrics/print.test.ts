import * as fc from 'fast-check';
import t from 'tap';
import type { Family } from '../../src/metrics/family.js';
import { printFamilies } from '../../src/metrics/late.js';
import { checkMetrics, readMetrics } from '../support/prometheus.js';
import { missing } from '../support/tools.js';
import { python } from '../support/docker-py.js';

/** Prometheus's own parsers read back what is printed, whatever the values of labels are. */

const skip = missing(python, 'promtool');

const hostile = [
  '',
  '"',
  '\\',
  '\\n',
  '\n',
  '\\"',
  '"} 1\npodnetd_forged{a="',
  '}',
  '#',
  '# EOF',
  ' ',
  'ü',
  '😀',
  '\u0000',
  '\t',
  '{{.}}',
  '$1',
];

/** A lone surrogate cannot be written in UTF-8, and Python ends lines at more characters than a line feed. */
const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'grapheme', maxLength: 8 }));

function familyOf(values: readonly string[]): readonly Family[] {
  return [
    {
      declaration: { name: 'podnetd_things', type: 'gauge', help: 'Things', labels: { name: '', place: '' } },
      samples: values.map((value, index) => ({ labels: [value, String(index)], value: index })),
    },
  ];
}

for (const form of ['prometheus', 'openmetrics'] as const) {
  t.test(`${form}: labels come back as they were`, { skip }, async (t) => {
    const values = [...hostile, ...fc.sample(text, { numRuns: 300, seed: 653 })];
    const samples = readMetrics(await printFamilies(familyOf(values), form), form);
    t.strictSame(
      samples,
      values.map((name, index) => ({ name: 'podnetd_things', labels: { name, place: String(index) }, value: index })),
    );
  });
}

const families: readonly Family[] = [
  {
    declaration: { name: 'podnetd_done_total', type: 'counter', help: 'Work', labels: {} },
    samples: [{ labels: [], value: 3 }],
  },
  {
    declaration: {
      name: 'podnetd_wait_seconds',
      type: 'histogram',
      help: 'Waits',
      labels: { a: '' },
      buckets: [0.5, 1],
    },
    samples: [{ labels: ['x'], counts: [1, 0, 2], sum: 9.25 }],
  },
  {
    declaration: { name: 'podnetd_max', type: 'gauge', help: 'Bound', labels: {} },
    samples: [{ labels: [], value: Infinity }],
  },
];

t.test('buckets add up, and a whole bound has its point in OpenMetrics', { skip }, async (t) => {
  t.equal(
    await printFamilies(families, 'prometheus'),
    `# HELP podnetd_done_total Work
# TYPE podnetd_done_total counter
podnetd_done_total 3

# HELP podnetd_wait_seconds Waits
# TYPE podnetd_wait_seconds histogram
podnetd_wait_seconds_bucket{a="x",le="0.5"} 1
podnetd_wait_seconds_bucket{a="x",le="1"} 1
podnetd_wait_seconds_bucket{a="x",le="+Inf"} 3
podnetd_wait_seconds_sum{a="x"} 9.25
podnetd_wait_seconds_count{a="x"} 3

# HELP podnetd_max Bound
# TYPE podnetd_max gauge
podnetd_max +Inf
`,
  );
  const open = await printFamilies(families, 'openmetrics');
  t.match(open, /^# TYPE podnetd_done counter\npodnetd_done_total 3$/m);
  t.match(open, /le="1\.0"/);
  t.match(open, /\n# EOF\n$/);
  t.equal(readMetrics(open, 'openmetrics').length, 7);
  t.equal(checkMetrics(await printFamilies(families, 'prometheus')), '');
});

t.test('thousands of lines are printed in turns, under one head', { skip }, async (t) => {
  const values = Array.from({ length: 1_801 }, (_, index) => `n${index}`);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 0);
  const printed = await printFamilies(familyOf(values), 'openmetrics');
  clearInterval(ticking);
  t.equal(readMetrics(printed, 'openmetrics').length, values.length);
  t.equal(printed.split('# TYPE').length - 1, 1);
  t.ok(turns >= 2, 'other work has its turns');
});

t.test('the tools find faults', { skip }, async (t) => {
  t.match(checkMetrics('# HELP a b\n# TYPE a gauge\na_total 1\na_total 1\n'), /./);
  t.throws(() => readMetrics('a 1\n', 'openmetrics'));
});
