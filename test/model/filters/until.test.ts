import * as fc from 'fast-check';
import t from 'tap';
import { parseUntil } from '../../../src/model/filters/until.js';
import { clock } from './filter-subject.js';

t.equal(new Date(Number(clock.nowNs / 1_000_000n)).toISOString(), '2024-05-06T07:08:09.123Z', 'now');

/** Spellings with their times, in ISO form with nine digits. The clock's zone is two hours ahead. */
const times: readonly (readonly [text: string, time: string])[] = [
  // Durations before now, cut to whole seconds.
  ['0s', '2024-05-06T07:08:09.000000000Z'],
  ['-0', '2024-05-06T07:08:09.000000000Z'],
  ['+0', '2024-05-06T07:08:09.000000000Z'],
  ['10m', '2024-05-06T06:58:09.000000000Z'],
  ['1h30m', '2024-05-06T05:38:09.000000000Z'],
  ['30m1h', '2024-05-06T05:38:09.000000000Z'],
  ['1.5h', '2024-05-06T05:38:09.000000000Z'],
  ['.5h', '2024-05-06T06:38:09.000000000Z'],
  ['1.h', '2024-05-06T06:08:09.000000000Z'],
  ['+1h', '2024-05-06T06:08:09.000000000Z'],
  ['-1h', '2024-05-06T08:08:09.000000000Z'],
  ['-1h30m', '2024-05-06T08:38:09.000000000Z'],
  ['100ms', '2024-05-06T07:08:09.000000000Z'],
  ['124ms', '2024-05-06T07:08:08.000000000Z'],
  ['-900ms', '2024-05-06T07:08:10.000000000Z'],
  ['123456789ns', '2024-05-06T07:08:09.000000000Z'],
  ['123456790ns', '2024-05-06T07:08:08.000000000Z'],
  ['123456us', '2024-05-06T07:08:09.000000000Z'],
  ['123457\u00b5s', '2024-05-06T07:08:08.000000000Z'],
  ['123457\u03bcs', '2024-05-06T07:08:08.000000000Z'],
  ['8760h', '2023-05-07T07:08:09.000000000Z'],
  // Before the epoch too, whole seconds are cut downwards.
  ['500000h', '1967-04-22T23:08:09.000000000Z'],
  // Seconds since the epoch.
  ['0', '1970-01-01T00:00:00.000000000Z'],
  ['2036', '1970-01-01T00:33:56.000000000Z'],
  ['20240506', '1970-08-23T06:21:46.000000000Z'],
  ['1714979289', '2024-05-06T07:08:09.000000000Z'],
  ['1714979289.5', '2024-05-06T07:08:09.500000000Z'],
  ['1714979289.000000001', '2024-05-06T07:08:09.000000001Z'],
  ['1714979289.0000000019', '2024-05-06T07:08:09.000000001Z'],
  ['+1714979289', '2024-05-06T07:08:09.000000000Z'],
  // Times; without a zone they are two hours ahead.
  ['2024-02-29', '2024-02-28T22:00:00.000000000Z'],
  ['2024-02-29Z', '2024-02-29T00:00:00.000000000Z'],
  ['2024-02-29+02:00', '2024-02-28T22:00:00.000000000Z'],
  ['2024-02-29-03:30', '2024-02-29T03:30:00.000000000Z'],
  ['2024-02-29-00:30', '2024-02-29T00:30:00.000000000Z'],
  ['2024-02-29T15', '2024-02-29T13:00:00.000000000Z'],
  ['2024-02-29T5', '2024-02-29T03:00:00.000000000Z'],
  ['2024-02-29T15Z', '2024-02-29T15:00:00.000000000Z'],
  ['2024-02-29T15-03:00', '2024-02-29T18:00:00.000000000Z'],
  ['2024-02-29T15:04', '2024-02-29T13:04:00.000000000Z'],
  ['2024-02-29T15:04Z', '2024-02-29T15:04:00.000000000Z'],
  ['2024-02-29T15:04:05', '2024-02-29T13:04:05.000000000Z'],
  ['2024-02-29T15:04:05Z', '2024-02-29T15:04:05.000000000Z'],
  ['2024-02-29T15:04:05+05:30', '2024-02-29T09:34:05.000000000Z'],
  ['2024-02-29T15:04:05.25', '2024-02-29T13:04:05.250000000Z'],
  ['2024-02-29T15:04:05.123456789Z', '2024-02-29T15:04:05.123456789Z'],
  ['2024-02-29T15:04:05.1234567899Z', '2024-02-29T15:04:05.123456789Z'],
  ['2024-02-29T15:04:05,5Z', '2024-02-29T15:04:05.500000000Z'],
  ['1969-12-31T23:59:59.75Z', '1969-12-31T23:59:59.750000000Z'],
  ['0050-01-01Z', '0050-01-01T00:00:00.000000000Z'],
];

const refused = [
  '',
  ' ',
  'x',
  '1d',
  '1w',
  '-5',
  '-',
  '+',
  '.',
  '.s',
  '-.s',
  's',
  'h1',
  '1h ',
  ' 1h',
  '1 h',
  '1hm',
  '1h30',
  '1H',
  '1h-30m',
  '--1h',
  '1.2.3h',
  '1e3s',
  '9999999h',
  '1,5h',
  'Infinity',
  'NaN',
  '0x10',
  '1_000',
  '1.',
  '.5',
  '1.5.5',
  '1.x',
  '9223372036854775808',
  '2024-1-1',
  '2024-02-30',
  '2023-02-29',
  '2024-13-01',
  '2024-00-10',
  '2024-02-00',
  '2024-02',
  '2024-02-29z',
  '2024-02-29 15:04',
  '2024-02-29T',
  '2024-02-29t15',
  '2024-02-29T24',
  '2024-02-29T15:4',
  '2024-02-29T15:60',
  '2024-02-29T15:04:60',
  '2024-02-29T15:04:05.',
  '2024-02-29T15.5',
  '2024-02-29T15:04:05ZZ',
  '2024-02-29+2',
  '2024-02-29+0200',
  '2024-02-29+24:00',
  '2024-02-29+02:60',
  '12024-02-29',
  '\u0662\u0660\u0662\u0664',
];

t.test('every spelling', async (t) => {
  for (const [text, time] of times) t.equal(format(parseUntil(text, clock)), time, JSON.stringify(text));
});

t.test('other texts are refused', async (t) => {
  for (const text of refused) t.equal(parseUntil(text, clock), undefined, JSON.stringify(text));
});

t.test('any text gives a time or undefined', async (t) => {
  const alphabet = fc.constantFrom(...Array.from('0123456789.,:+-TZzhmsnu\u00b5 '));
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (text) => {
      const ns = parseUntil(text, clock);
      return ns === undefined || typeof ns === 'bigint';
    }),
  );
  t.pass();
});

t.test('durations add up', async (t) => {
  const part = fc.tuple(fc.nat(1000), fc.constantFrom('h', 'm', 's'));
  const seconds = { h: 3600n, m: 60n, s: 1n };
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), fc.boolean(), (parts, negative) => {
      const text = (negative ? '-' : '') + parts.map(([count, unit]) => `${count}${unit}`).join('');
      const sum = parts.reduce((total, [count, unit]) => total + BigInt(count) * seconds[unit], 0n);
      const expected = clock.nowNs / 1_000_000_000n - (negative ? -sum : sum);
      return parseUntil(text, clock) === expected * 1_000_000_000n;
    }),
  );
  t.pass();
});

t.test('a long text takes no long time', async (t) => {
  for (const text of [
    '1ns'.repeat(5000) + '1',
    '9'.repeat(16_000),
    `${'1'.repeat(8000)}.${'1'.repeat(8000)}h`,
    '.'.repeat(16_000),
  ]) {
    t.equal(parseUntil(text, clock), undefined, text.slice(0, 5));
  }
});

function format(ns: bigint | undefined): string | undefined {
  if (ns === undefined) return undefined;
  const fraction = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((ns - fraction) / 1_000_000_000n);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction.toString().padStart(9, '0')}Z`;
}
