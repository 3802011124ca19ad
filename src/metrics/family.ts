import type { HistogramDeclaration, NumberDeclaration } from './declaration.js';

/** Values of the labels of a metric, in the order of their declaration. */
export type LabelValues = readonly string[];

export interface NumberSample {
  readonly labels: LabelValues;
  readonly value: number;
}

export interface HistogramSample {
  readonly labels: LabelValues;
  /** How many values each bucket has by itself, that above the last bound included. */
  readonly counts: readonly number[];
  /** The sum of all values, in the unit of the metric. */
  readonly sum: number;
}

export interface NumberFamily {
  readonly declaration: NumberDeclaration;
  readonly samples: readonly NumberSample[];
}

export interface HistogramFamily {
  readonly declaration: HistogramDeclaration;
  readonly samples: readonly HistogramSample[];
}

/** A metric with its numbers at one moment. */
export type Family = NumberFamily | HistogramFamily;

export function isHistogram(family: Family): family is HistogramFamily {
  return family.declaration.type === 'histogram';
}
