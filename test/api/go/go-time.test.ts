import t from 'tap';
import { formatGoTime, isGoTime } from '../../../src/api/go/go-time.js';

/** Runs in a zone: Node reads TZ again at each assignment. */
function inZone<T>(zone: string, run: () => T): T {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    return run();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

const second = 1_000_000_000n;

const printed: readonly (readonly [zone: string, epochNs: bigint, text: string])[] = [
  ['UTC', 0n, '1970-01-01T00:00:00Z'],
  ['UTC', 1n, '1970-01-01T00:00:00.000000001Z'],
  ['UTC', 100_000_000n, '1970-01-01T00:00:00.1Z'],
  ['UTC', 120_000_000n, '1970-01-01T00:00:00.12Z'],
  ['UTC', 999_999_999n, '1970-01-01T00:00:00.999999999Z'],
  ['UTC', 1_700_000_000n * second + 123_456_780n, '2023-11-14T22:13:20.12345678Z'],
  ['UTC', 951_782_400n * second, '2000-02-29T00:00:00Z'],
  ['UTC', -1n, '1969-12-31T23:59:59.999999999Z'],
  ['UTC', -second, '1969-12-31T23:59:59Z'],
  ['UTC', -1_500_000_000n, '1969-12-31T23:59:58.5Z'],
  ['UTC', -2_147_483_648n * second + 1n, '1901-12-13T20:45:52.000000001Z'],
  ['America/New_York', -1n, '1969-12-31T18:59:59.999999999-05:00'],
  // A file system keeps such times, and Go does not print them.
  ['UTC', 9_223_372_036_854_775_807n * second, '9999-12-31T00:00:00Z'],
  ['Pacific/Kiritimati', 9_223_372_036_854_775_807n * second, '9999-12-31T14:00:00+14:00'],
  ['UTC', -9_223_372_036_854_775_808n * second, '0001-01-01T00:00:00Z'],
  ['Europe/Berlin', 1_700_000_000n * second, '2023-11-14T23:13:20+01:00'],
  ['Europe/Berlin', 1_690_000_000n * second + 5n, '2023-07-22T06:26:40.000000005+02:00'],
  ['Asia/Kolkata', 1_700_000_000n * second, '2023-11-15T03:43:20+05:30'],
  ['Asia/Kathmandu', 1_700_000_000n * second, '2023-11-15T03:58:20+05:45'],
  ['America/St_Johns', 1_700_000_000n * second, '2023-11-14T18:43:20-03:30'],
  ['America/New_York', 1_700_000_000n * second, '2023-11-14T17:13:20-05:00'],
  ['Pacific/Kiritimati', 1_700_000_000n * second, '2023-11-15T12:13:20+14:00'],
  ['Europe/London', 1_700_000_000n * second, '2023-11-14T22:13:20Z'],
  ['Europe/London', 1_690_000_000n * second, '2023-07-22T05:26:40+01:00'],
];

t.test('times are printed as Go prints them', async (t) => {
  for (const [zone, epochNs, text] of printed)
    t.equal(
      inZone(zone, () => formatGoTime(epochNs)),
      text,
      `${zone} ${text}`,
    );
});

t.test('a printed time is read back', async (t) => {
  for (const [zone, epochNs] of printed) t.ok(isGoTime(inZone(zone, () => formatGoTime(epochNs))), zone);
});

const times: readonly (readonly [text: string, isTime: boolean])[] = [
  ['0001-01-01T00:00:00Z', true],
  ['2023-11-14T22:13:20Z', true],
  ['2023-11-14T22:13:20.123456789Z', true],
  ['2023-11-14T22:13:20,5Z', true],
  ['2023-11-14T22:13:20+01:00', true],
  ['2023-11-14T22:13:20.5-03:30', true],
  ['', false],
  ['now', false],
  ['2023-11-14', false],
  ['2023-11-14T22:13:20', false],
  ['2023-11-14 22:13:20Z', false],
  ['2023-11-14T22:13:20.Z', false],
  ['2023-11-14T22:13Z', false],
  ['2023-11-14T22:13:20+0100', false],
  ['2023-13-14T22:13:20Z', false],
  ['2023-11-14T22:61:20Z', false],
  ['2023-02-30T00:00:00Z', false],
  ['2023-11-14T24:00:00Z', false],
  ['2023-11-14T22:13:20z', false],
  [' 2023-11-14T22:13:20Z', false],
  ['2023-11-14T22:13:20Z\n', false],
  ['12023-11-14T22:13:20Z', false],
];

t.test('times that Go takes', async (t) => {
  for (const [text, isTime] of times) t.equal(isGoTime(text), isTime, JSON.stringify(text));
});
