export interface Sample {
  readonly p50: number;
  readonly p99: number;
}

/** Milliseconds that each of `count` runs took, one after the other, in the order of their length. */
export async function timeEach(count: number, run: (index: number) => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await run(index);
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b);
}

export function summarise(sorted: readonly number[]): Sample {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

export function ms(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}
