import { setImmediate as nextTurn } from 'node:timers/promises';
import { Registry, type Gauge } from 'prom-client';
import type { ExpositionForm } from '../network/dependencies/exposition.js';
import { isHistogram, type Family, type HistogramFamily, type LabelValues, type NumberFamily } from './family.js';

/** A file of its own beside the bundle, because a daemon reads it at its first scrape alone. */

/** Data that the library prints as one line. */
interface Line {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The library looks for what it has printed of it. */
  readonly sharedLabels: object;
  readonly value: number;
}

const contentTypes = {
  prometheus: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
} as const;

const sharedLabels = Object.freeze({});

/** Lines that are printed in one turn of the event loop: about 2 ms. */
const linesInTurn = 500;

/** Prints metrics as Prometheus reads them. A value of a label may have any character. */
export async function printFamilies(families: readonly Family[], form: ExpositionForm): Promise<string> {
  const registry = new Registry();
  registry.setContentType(contentTypes[form] as Registry['contentType']);
  const texts: string[] = [];
  for (const family of families) texts.push(await printFamily(family, form, registry));
  return form === 'openmetrics' ? `${texts.join('\n')}\n# EOF\n` : `${texts.join('\n\n')}\n`;
}

async function printFamily(family: Family, form: ExpositionForm, registry: Registry): Promise<string> {
  const { help, type } = family.declaration;
  // The library appends what OpenMetrics takes from the name of a counter.
  const isBare = form === 'openmetrics' && type === 'counter';
  const name = isBare ? family.declaration.name.replace(/_total$/, '') : family.declaration.name;
  const lines = isHistogram(family) ? histogramLines(family, form) : numberLines(family, name);
  const parts: string[] = [];
  for (let from = 0; from < lines.length; from += linesInTurn) {
    if (from > 0) await nextTurn();
    const values = lines.slice(from, from + linesInTurn);
    // The library's own metrics would want each value again, so this has the registry print what was counted.
    const metric = { name, get: async () => await Promise.resolve({ name, help, type, values }) };
    registry.registerMetric(metric as unknown as Gauge);
    const text = await registry.getSingleMetricAsString(name);
    registry.removeSingleMetric(name);
    parts.push(from === 0 ? text : withoutHead(text));
  }
  return parts.join('\n');
}

/** Without the lines of help and type, which stand once. */
function withoutHead(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1);
}

function numberLines({ declaration, samples }: NumberFamily, metricName: string): readonly Line[] {
  const names = Object.keys(declaration.labels);
  return samples.map(({ labels, value }) => ({ metricName, labels: zip(names, labels), sharedLabels, value }));
}

function histogramLines({ declaration, samples }: HistogramFamily, form: ExpositionForm): readonly Line[] {
  const { name, buckets, labels: declared } = declaration;
  const bounds = [...buckets.map((bound) => printBound(bound, form)), '+Inf'];
  return samples.flatMap(({ labels: own, counts, sum }) => {
    const labels = zip(Object.keys(declared), own);
    let total = 0;
    const cumulative = bounds.map((le, index): Line => {
      total += counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, sharedLabels, value: total };
    });
    return [
      ...cumulative,
      { metricName: `${name}_sum`, labels, sharedLabels, value: sum },
      { metricName: `${name}_count`, labels, sharedLabels, value: total },
    ];
  });
}

/** OpenMetrics writes a whole number with its point. source: OpenMetrics 1.0, "Considerations: Canonical Numbers" */
function printBound(bound: number, form: ExpositionForm): string {
  return form === 'openmetrics' && Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function zip(names: readonly string[], values: LabelValues): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
