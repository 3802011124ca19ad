import type { Address } from '../model/address.js';
import { compareAddresses } from './cidr.js';

/** A range of addresses; both ends are part of it. */
export interface AddressSpan {
  readonly start: Address;
  readonly end: Address;
}

/** A set of addresses, held as sorted spans: a lookup takes a number of steps logarithmic in the number of spans. */
export class AddressSpans {
  readonly #spans: AddressSpan[] = [];

  constructor(spans: readonly AddressSpan[]) {
    for (const span of spans.toSorted((a, b) => compareAddresses(a.start, b.start))) {
      const last = this.#spans.at(-1);
      if (last === undefined || compareAddresses(span.start, last.end) > 0) this.#spans.push(span);
      else if (compareAddresses(span.end, last.end) > 0)
        this.#spans[this.#spans.length - 1] = { ...last, end: span.end };
    }
  }

  /** In ascending order; no two of them overlap. */
  get spans(): readonly AddressSpan[] {
    return this.#spans;
  }

  /** Number of addresses. */
  get size(): bigint {
    return this.#spans.reduce((sum, { start, end }) => sum + end.value - start.value + 1n, 0n);
  }

  has(address: Address): boolean {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const span = this.#spans[middle];
      if (span === undefined || compareAddresses(address, span.start) < 0) high = middle;
      else if (compareAddresses(address, span.end) <= 0) return true;
      else low = middle + 1;
    }
    return false;
  }
}
