import * as fc from 'fast-check';
import { rounds } from '../../support/rounds.js';

const shorteningMs = rounds(40_000, 300_000);
const seedGiven = process.env['PODNETD_TEST_SEED'];
/** The path to a case, as a failure prints it. */
const pathGiven = process.env['PODNETD_TEST_PATH'];
const replay = {
  ...(seedGiven !== undefined && { seed: Number(seedGiven) }),
  ...(pathGiven !== undefined && { path: pathGiven, endOnFailure: true }),
};

/**
 * @param attempts runs of each shorter case, because a case that depends on time fails again only by chance
 * @param examples cases that are tried first
 * @throws Error with the seed, the shortest case and its fault
 */
export async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  run: (value: T) => Promise<void>,
  attempts: number,
  examples: readonly T[] = [],
): Promise<void> {
  let failedAt: number | undefined;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (failedAt !== undefined && performance.now() - failedAt > shorteningMs) return;
    try {
      for (let attempt = failedAt === undefined ? 1 : attempts; attempt > 0; attempt -= 1) await run(value);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
  });
  await fc.assert(property, { numRuns, examples: examples.map((example): [T] => [example]), ...replay });
}
