/** How many times a randomised test repeats itself: few in CI, many in `npm run test:long`. */
export function rounds(inCi: number, inLongRun: number): number {
  return process.env['PODNETD_TEST_LONG'] === '1' ? inLongRun : inCi;
}
