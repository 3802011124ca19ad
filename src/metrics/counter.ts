import type { NumberDeclaration } from './declaration.js';
import type { LabelValues, NumberFamily } from './family.js';

/** In no value of a label. */
const separator = '\0';

/** Numbers that only grow, one for each combination of labels that came. */
export class Counter {
  readonly #series = new Map<string, { readonly labels: LabelValues; value: number }>();

  constructor(private readonly declaration: NumberDeclaration) {}

  /** @param amount at least 0; with 0 a combination of labels begins to be shown */
  add(labels: LabelValues, amount = 1): void {
    const key = labels.join(separator);
    const series = this.#series.get(key);
    if (series === undefined) this.#series.set(key, { labels, value: amount });
    else series.value += amount;
  }

  family(): NumberFamily {
    return { declaration: this.declaration, samples: [...this.#series.values()] };
  }
}
