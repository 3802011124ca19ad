/** Names of the labels of a metric, in their order, and the values that each may have. */
type Labels = Readonly<Record<string, string>>;

interface Declared {
  /** By the rules of Prometheus: prefix, subject, base unit, and `_total` for a counter. */
  readonly name: string;
  /** A sentence without its full stop. */
  readonly help: string;
  readonly labels: Labels;
}

/** A metric with one number for each combination of labels. */
export interface NumberDeclaration extends Declared {
  readonly type: 'counter' | 'gauge';
}

export interface HistogramDeclaration extends Declared {
  readonly type: 'histogram';
  /** Upper bounds in ascending order, each inclusive, in the unit of the name; a last bucket has all values above. */
  readonly buckets: readonly number[];
}

/** One metric, declared once; what podnetd counts, answers and documents follows from this. */
export type MetricDeclaration = NumberDeclaration | HistogramDeclaration;
