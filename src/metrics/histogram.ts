import type { HistogramDeclaration } from './declaration.js';
import type { HistogramFamily, LabelValues } from './family.js';

/** In no value of a label. */
const separator = '\0';

interface Series {
  readonly labels: LabelValues;
  readonly counts: number[];
  sum: number;
}

/** How many values came in each bucket, for each combination of labels. */
export class Histogram {
  readonly #series = new Map<string, Series>();

  constructor(private readonly declaration: HistogramDeclaration) {
    // One without labels is shown from the start.
    if (Object.keys(declaration.labels).length === 0) this.#begin('', []);
  }

  observe(labels: LabelValues, value: number): void {
    const key = labels.join(separator);
    const series = this.#series.get(key) ?? this.#begin(key, labels);
    const { buckets } = this.declaration;
    let bucket = 0;
    while (bucket < buckets.length && value > (buckets[bucket] ?? Infinity)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
  }

  family(): HistogramFamily {
    return { declaration: this.declaration, samples: [...this.#series.values()] };
  }

  #begin(key: string, labels: LabelValues): Series {
    const series = { labels, counts: [...this.declaration.buckets, Infinity].map(() => 0), sum: 0 };
    this.#series.set(key, series);
    return series;
  }
}
