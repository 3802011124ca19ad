export interface Sample {
  readonly p50: number;
  readonly p99: number;
}

/** Milliseconds that one run took. */
export async function time(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Milliseconds of each of `count` runs, one after the other. */
export async function timeEach(count: number, run: (index: number) => Promise<unknown>): Promise<Sample> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) times.push(await time(async () => await run(index)));
  return summarise(times);
}

export function summarise(times: readonly number[]): Sample {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
