/** How often a test that plays with chance repeats itself: a few times in CI, many in `npm run test:long`. */
export function rounds(inCi: number, inLongRun: number): number {
  return process.env['PODNETD_TEST_LONG'] === '1' ? inLongRun : inCi;
}
