import { bitsOf, formatAddress, formatCidr, parseCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { PoolBody } from './view.js';

/** The blocks of a pool, counted from 0; `total` is exact also where the report's number is not. */
export class PoolBlocks {
  readonly total: bigint;
  readonly #base: Cidr;
  readonly #prefixBits: number;

  constructor({ base, size }: Pick<PoolBody, 'base' | 'size'>) {
    this.#base = readPrefix(base);
    this.#prefixBits = size;
    this.total = 1n << BigInt(size - this.#base.prefixBits);
  }

  /** The number of the block that has the first address of a prefix; below 0, or from `total` on, for one outside of the pool. */
  indexOf(prefix: string): bigint {
    return (readPrefix(prefix).base - this.#base.base) >> this.#hostBits;
  }

  /** The first of some blocks, as a prefix that has them all. @param count a power of two */
  prefixAt(index: bigint, count = 1n): string {
    return formatCidr({ family: this.#base.family, base: this.#valueAt(index), prefixBits: this.lengthOf(count) });
  }

  /** Length of the prefix that has some blocks. @param count a power of two */
  lengthOf(count: bigint): number {
    return this.#prefixBits - log2(count);
  }

  addressAt(index: bigint): string {
    return formatAddress({ family: this.#base.family, value: this.#valueAt(index) });
  }

  #valueAt(index: bigint): bigint {
    return this.#base.base + (index << this.#hostBits);
  }

  get #hostBits(): bigint {
    return BigInt(bitsOf(this.#base.family) - this.#prefixBits);
  }
}

/** Whether a pool and the prefixes in it can be drawn. */
export function isDrawable({ base, size, taken = [] }: PoolBody): boolean {
  const parsed = parseCidr(base)?.cidr;
  if (parsed === undefined || size < parsed.prefixBits || size > bitsOf(parsed.family)) return false;
  return taken.every(({ first, last }) =>
    [first, last].every((text) => parseCidr(text)?.cidr.family === parsed.family),
  );
}

function readPrefix(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new TypeError(`${text}: not a prefix`);
  return parsed.cidr;
}

function log2(count: bigint): number {
  return count.toString(2).length - 1;
}
