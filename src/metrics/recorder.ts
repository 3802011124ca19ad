import { Counter } from './counter.js';
import { metricDeclarations } from './declarations.js';
import type { Family } from './family.js';
import { Histogram } from './histogram.js';

/** One answered request. */
export interface Exchange {
  readonly dialect: string;
  /** The operationId of its route; undefined without a route. */
  readonly operation: string | undefined;
  /** The HTTP status. */
  readonly code: number;
  readonly seconds: number;
}

/** One run of a CNI plugin. */
export interface PluginRun {
  /** Undefined for a name that no installed plugin has. */
  readonly plugin: string | undefined;
  readonly command: string;
  readonly seconds: number;
  readonly failed: boolean;
}

/** Any name that has no bound. */
const unknown = 'unknown';

/** Counts what happens since the start of podnetd; no call does more than add to numbers in memory. */
export class Recorder {
  readonly #requests = new Counter(metricDeclarations.requests);
  readonly #requestDuration = new Histogram(metricDeclarations.requestDuration);
  readonly #lockWait = new Histogram(metricDeclarations.lockWait);
  readonly #publishDuration = new Histogram(metricDeclarations.publishDuration);
  readonly #batchSize = new Histogram(metricDeclarations.batchSize);
  readonly #pluginDuration = new Histogram(metricDeclarations.pluginDuration);
  readonly #pluginFailures = new Counter(metricDeclarations.pluginFailures);

  readonly answered = ({ dialect, operation = unknown, code, seconds }: Exchange): void => {
    this.#requests.add([dialect, operation, String(code)]);
    this.#requestDuration.observe([dialect, operation], seconds);
  };

  /** @param seconds that a batch waited for the lane, also in vain */
  readonly waitedForLane = (seconds: number): void => this.#lockWait.observe([], seconds);

  /** @param seconds until the changes of a batch were durable, or had failed @param changes of files */
  readonly published = (seconds: number, changes: number): void => {
    this.#publishDuration.observe([], seconds);
    this.#batchSize.observe([], changes);
  };

  readonly pluginRan = ({ plugin = unknown, command, seconds, failed }: PluginRun): void => {
    this.#pluginDuration.observe([plugin, command], seconds);
    // A plugin that ran shows a 0, without which Prometheus would miss its first failure.
    this.#pluginFailures.add([plugin, command], failed ? 1 : 0);
  };

  families(): readonly Family[] {
    return [
      this.#requests,
      this.#requestDuration,
      this.#lockWait,
      this.#publishDuration,
      this.#batchSize,
      this.#pluginDuration,
      this.#pluginFailures,
    ].map((metric) => metric.family());
  }
}
