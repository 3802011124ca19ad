import { Counter, Gauge, Registry, type Histogram } from 'prom-client';
import type { ExpositionForm } from '../network/dependencies/exposition.js';
import { isHistogram, type Family, type HistogramFamily, type LabelValues, type NumberFamily } from './family.js';

/** A file of its own beside the bundle, because a daemon reads it at its first scrape alone. */

const contentTypes = {
  prometheus: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const;

/** Prints metrics as Prometheus reads them. A value of a label may have any character. */
export async function printFamilies(families: readonly Family[], form: ExpositionForm): Promise<string> {
  const registry = new Registry<Registry['contentType']>();
  registry.setContentType(contentTypes[form] as Registry['contentType']);
  for (const family of families) {
    if (isHistogram(family)) registry.registerMetric(toHistogram(family, form));
    else addNumbers(family, registry);
  }
  return await registry.metrics();
}

function addNumbers({ declaration, samples }: NumberFamily, registry: Registry): void {
  const { name, help, labels, type } = declaration;
  const labelNames = Object.keys(labels);
  const metric = new (type === 'counter' ? Counter : Gauge)({ name, help, labelNames, registers: [registry] });
  for (const { labels: values, value } of samples) metric.inc(zip(labelNames, values), value);
}

/** The library's own histogram would want each value again, so this has the registry print the counts. */
function toHistogram({ declaration, samples }: HistogramFamily, form: ExpositionForm): Histogram {
  const { name, help, type, buckets, labels } = declaration;
  const bounds = [...buckets.map((bound) => printBound(bound, form)), '+Inf'];
  const values = samples.flatMap(({ labels: own, counts, sum }) => {
    const common = zip(Object.keys(labels), own);
    let total = 0;
    const cumulative = bounds.map((le, index) => {
      total += counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...common, le }, value: total };
    });
    return [
      ...cumulative,
      { metricName: `${name}_sum`, labels: common, value: sum },
      { metricName: `${name}_count`, labels: common, value: total },
    ];
  });
  const metric = { name, get: async () => await Promise.resolve({ name, help, type, values }) };
  return metric as unknown as Histogram;
}

/** OpenMetrics writes a whole number with its point. source: OpenMetrics 1.0, "Considerations: Canonical Numbers" */
function printBound(bound: number, form: ExpositionForm): string {
  return form === 'openmetrics' && Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function zip(names: readonly string[], values: LabelValues): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
