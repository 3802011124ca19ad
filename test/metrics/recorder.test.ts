import * as fc from 'fast-check';
import t from 'tap';
import { Counter } from '../../src/metrics/counter.js';
import type { HistogramDeclaration, NumberDeclaration } from '../../src/metrics/declaration.js';
import { metricDeclarations } from '../../src/metrics/declarations.js';
import { Histogram } from '../../src/metrics/histogram.js';
import { Recorder } from '../../src/metrics/recorder.js';

/** Counters and histograms against counting by hand. */

const counterDeclaration: NumberDeclaration = { name: 'c_total', type: 'counter', help: '', labels: { a: '', b: '' } };
const labelPairs = fc.tuple(fc.constantFrom('x', 'y', 'x y'), fc.constantFrom('', 'y', 'z'));

t.test('a counter has the sum of each combination of labels', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(labelPairs, fc.nat(5))), (steps) => {
      const counter = new Counter(counterDeclaration);
      for (const [labels, amount] of steps) counter.add(labels, amount);
      const same = (labels: readonly string[]) => JSON.stringify(labels);
      return (
        new Set(steps.map(([labels]) => same(labels))).size === counter.family().samples.length &&
        counter.family().samples.every(({ labels, value }) => {
          const own = steps.filter(([given]) => same(given) === same(labels));
          return value === own.reduce((sum, [, amount]) => sum + amount, 0);
        })
      );
    }),
  );
});

t.test('a histogram has each value in the first bucket whose bound is no less', async () => {
  const buckets = fc
    .uniqueArray(fc.integer({ min: -5, max: 5 }), { maxLength: 5 })
    .map((all) => all.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(buckets, fc.array(fc.integer({ min: -6, max: 6 })), (bounds, values) => {
      const declaration: HistogramDeclaration = { name: 'h', type: 'histogram', help: '', labels: {}, buckets: bounds };
      const histogram = new Histogram(declaration);
      for (const value of values) histogram.observe([], value);
      const [sample] = histogram.family().samples;
      const edges = [-Infinity, ...bounds, Infinity];
      const wanted = edges
        .slice(1)
        .map((bound, index) => values.filter((v) => v <= bound && v > (edges[index] ?? 0)).length);
      return (
        JSON.stringify(sample?.counts) === JSON.stringify(wanted) &&
        sample?.sum === values.reduce((sum, value) => sum + value, 0)
      );
    }),
  );
});

t.test('names that have no bound have one label together', async (t) => {
  const recorder = new Recorder();
  recorder.answered({ dialect: 'compat', operation: undefined, code: 404, seconds: 1 });
  recorder.pluginRan({ plugin: undefined, command: 'ADD', seconds: 1, failed: true });
  recorder.pluginRan({ plugin: 'bridge', command: 'ADD', seconds: 1, failed: false });
  const samplesOf = (name: string) =>
    recorder.families().find(({ declaration }) => declaration.name === name)?.samples ?? [];
  t.match(samplesOf('podnetd_requests_total'), [{ labels: ['compat', 'unknown', '404'], value: 1 }]);
  t.strictSame(samplesOf('podnetd_plugin_failures_total'), [
    { labels: ['unknown', 'ADD'], value: 1 },
    { labels: ['bridge', 'ADD'], value: 0 },
  ]);
});

t.test('the declarations keep the rules of names', async (t) => {
  for (const metric of Object.values(metricDeclarations)) {
    t.match(metric.name, /^(?:podnetd|process|nodejs)_[a-z]+(?:_[a-z]+)*$/);
    t.equal(metric.name.endsWith('_total'), metric.type === 'counter', metric.name);
    for (const label of Object.keys(metric.labels)) t.match(label, /^[a-z]+(?:_[a-z]+)*$/, metric.name);
    if (metric.type === 'histogram')
      t.strictSame(
        metric.buckets,
        metric.buckets.toSorted((a, b) => a - b),
      );
    t.match(metric.help, /^[A-Z].*[^.]$/, metric.name);
  }
});
