/** The text formats of metrics: Prometheus's 0.0.4, and OpenMetrics 1.0. */
export type ExpositionForm = 'prometheus' | 'openmetrics';

/** Prints the metrics as they are now. */
export interface Exposition {
  /** @throws NetworkError storage */
  print(form: ExpositionForm): Promise<string>;
}
