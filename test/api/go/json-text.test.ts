import * as fc from 'fast-check';
import t from 'tap';
import { JsonTextError, parseFirstJson, parseWholeJson } from '../../../src/api/go/json-text.js';

/** Texts that are refused, with the message of Go 1.19's json.Decoder. */
const faults: readonly (readonly [text: string, message: string])[] = [
  // The text is empty, or ends too early.
  ['', 'EOF'],
  [' \t\r\n', 'EOF'],
  ['{', 'unexpected EOF'],
  ['[', 'unexpected EOF'],
  ['{"a"', 'unexpected EOF'],
  ['{"a":', 'unexpected EOF'],
  ['{"a":1', 'unexpected EOF'],
  ['{"a":1,', 'unexpected EOF'],
  ['{"a":{}', 'unexpected EOF'],
  ['[1', 'unexpected EOF'],
  ['[1,', 'unexpected EOF'],
  ['"', 'unexpected EOF'],
  ['"abc', 'unexpected EOF'],
  ['"\\', 'unexpected EOF'],
  ['"\\u12', 'unexpected EOF'],
  ['-', 'unexpected EOF'],
  ['1.', 'unexpected EOF'],
  ['1e', 'unexpected EOF'],
  ['1e+', 'unexpected EOF'],
  ['tru', 'unexpected EOF'],
  ['n', 'unexpected EOF'],
  // At the beginning of a value.
  ['x', "invalid character 'x' looking for beginning of value"],
  [']', "invalid character ']' looking for beginning of value"],
  ['}', "invalid character '}' looking for beginning of value"],
  [',', "invalid character ',' looking for beginning of value"],
  ['+1', "invalid character '+' looking for beginning of value"],
  ['.5', "invalid character '.' looking for beginning of value"],
  ['NaN', "invalid character 'N' looking for beginning of value"],
  ['undefined', "invalid character 'u' looking for beginning of value"],
  ['// x', "invalid character '/' looking for beginning of value"],
  ["'a'", String.raw`invalid character '\'' looking for beginning of value`],
  ['\\', String.raw`invalid character '\\' looking for beginning of value`],
  ['\u0000', String.raw`invalid character '\x00' looking for beginning of value`],
  ['\u0007', String.raw`invalid character '\a' looking for beginning of value`],
  ['\u000b', String.raw`invalid character '\v' looking for beginning of value`],
  ['\u007f', String.raw`invalid character '\x7f' looking for beginning of value`],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{"a":}', "invalid character '}' looking for beginning of value"],
  ['[,1]', "invalid character ',' looking for beginning of value"],
  // At a key.
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{1:1}', "invalid character '1' looking for beginning of object key string"],
  ['{,}', "invalid character ',' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["{'a':1}", String.raw`invalid character '\'' looking for beginning of object key string`],
  ['{"a"}', "invalid character '}' after object key"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a" "b"}', `invalid character '"' after object key`],
  // Behind a member or element.
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['{"a":1]', "invalid character ']' after object key:value pair"],
  ['{"a":[1}', "invalid character '}' after array element"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1}', "invalid character '}' after array element"],
  ['[01]', "invalid character '1' after array element"],
  ['[1.2.3]', "invalid character '.' after array element"],
  ['[""x]', "invalid character 'x' after array element"],
  // In a string.
  ['"a\nb"', String.raw`invalid character '\n' in string literal`],
  ['"\u0000"', String.raw`invalid character '\x00' in string literal`],
  ['"\t"', String.raw`invalid character '\t' in string literal`],
  ['{"a\r":1}', String.raw`invalid character '\r' in string literal`],
  [String.raw`"\x41"`, "invalid character 'x' in string escape code"],
  [String.raw`"\'"`, String.raw`invalid character '\'' in string escape code`],
  ['"\\\u0008"', String.raw`invalid character '\b' in string escape code`],
  [String.raw`"\u00g0"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
  [String.raw`"\u12"`, String.raw`invalid character '"' in \u hexadecimal character escape`],
  // In a number.
  ['-a', "invalid character 'a' in numeric literal"],
  ['--1', "invalid character '-' in numeric literal"],
  ['[1.]', "invalid character ']' after decimal point in numeric literal"],
  ['[1.e5]', "invalid character 'e' after decimal point in numeric literal"],
  ['[1ea]', "invalid character 'a' in exponent of numeric literal"],
  ['[1e+]', "invalid character ']' in exponent of numeric literal"],
  // In a word.
  ['trUe', "invalid character 'U' in literal true (expecting 'u')"],
  ['talse', "invalid character 'a' in literal true (expecting 'r')"],
  ['fals ', "invalid character ' ' in literal false (expecting 'e')"],
  ['[nul]', "invalid character ']' in literal null (expecting 'l')"],
  // DIVERGES: Go names the first byte alone.
  ['é', "invalid character 'é' looking for beginning of value"],
  ['[1😀]', "invalid character '😀' after array element"],
];

t.ok(faults.length >= 40, `${faults.length} faults`);

t.test("faults are reported in Go's words", async (t) => {
  for (const [index, [text, message]] of faults.entries()) {
    t.throws(() => parseFirstJson(text), new JsonTextError(message), `fault ${index}: ${message}`);
    t.throws(() => parseFirstJson(`  \n${text}`), new JsonTextError(message), `fault ${index} behind space`);
  }
});

const first: readonly (readonly [text: string, value: unknown])[] = [
  ['{} xyz', {}],
  ['{}}', {}],
  ['[1] [2]', [1]],
  ['{"a":[1,{"b":"]}"}]}{', { a: [1, { b: ']}' }] }],
  ['"a" b', 'a'],
  [String.raw`"\"" "`, '"'],
  [String.raw`"\u00e9\n" x`, 'é\n'],
  ['1 2', 1],
  ['01', 0],
  ['-1.5e+3,', -1500],
  ['1.2.3', 1.2],
  ['1ex'.slice(0, 1), 1],
  ['true false', true],
  ['nullx', null],
  ['  {"a" : 1 , "b" : [ ] } .', { a: 1, b: [] }],
];

t.test('the first value counts', async (t) => {
  for (const [text, value] of first) t.strictSame(parseFirstJson(text), value, text);
});

t.test('text behind a value is ignored', async (t) => {
  // Begins with no character that could continue a number.
  const junk = fc
    .tuple(fc.constantFrom(' ', '\n', ',', '}', ']', '"', '{', 'x', '\u0000'), fc.string())
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.jsonValue(), junk, (value, rest) => {
      const text = JSON.stringify(value);
      t.strictSame(parseFirstJson(text + rest), JSON.parse(text));
    }),
    { numRuns: 200 },
  );
});

t.test('a text is read, or refused with a message', async (t) => {
  // Made of pieces of JSON, so that the faults lie deep.
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    '\\u',
    '00',
    '1',
    '-',
    '.',
    'e',
    'true',
    'null',
    ' ',
    'a',
    'é',
    '\u0001',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces)).map((parts) => parts.join('')),
  );
  let refused = 0;
  fc.assert(
    fc.property(text, (given) => {
      try {
        parseFirstJson(given);
      } catch (error) {
        if (!(error instanceof JsonTextError) || error.message === '') throw error;
        refused += 1;
      }
    }),
    { numRuns: 5000 },
  );
  t.ok(refused > 100, 'many texts are refused');
});

t.test('texts that JSON.parse takes have the same value', async (t) => {
  fc.assert(
    fc.property(fc.json(), (text) => t.strictSame(parseFirstJson(`${text} .`), JSON.parse(text))),
    { numRuns: 100 },
  );
});

t.test('nesting has a limit', async (t) => {
  const message = "invalid character '[' exceeded max depth";
  t.doesNotThrow(() => parseFirstJson('['.repeat(10_000) + ']'.repeat(10_000)), 'ten thousand levels');
  t.throws(() => parseFirstJson('['.repeat(10_001) + ']'.repeat(10_001)), new JsonTextError(message));
  t.throws(() => parseFirstJson('['.repeat(100_000) + ']'.repeat(100_000)), new JsonTextError(message));
  t.throws(() => parseFirstJson('['.repeat(500_000)), new JsonTextError(message), 'unfinished');
  t.throws(
    () => parseFirstJson('{"a":'.repeat(10_001) + '1' + '}'.repeat(10_001)),
    new JsonTextError("invalid character '{' exceeded max depth"),
  );
  t.throws(() => parseFirstJson('['.repeat(10_000)), new JsonTextError('unexpected EOF'), 'within the limit');
});

t.test('a long text that is shallow is read', async (t) => {
  const value = { labels: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`key${index}`, 'a"b\\'])) };
  t.strictSame(parseFirstJson(JSON.stringify(value)), value);
  t.strictSame(parseFirstJson(`${JSON.stringify(value)} junk`), value);
});

t.test('keys that JavaScript knows are keys like any other', async (t) => {
  const value = parseFirstJson('{"__proto__":{"polluted":true},"constructor":1} x') as object;
  t.strictSame(Object.keys(value), ['__proto__', 'constructor']);
  t.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

t.test('a text that has to be one value is refused in the words of json.Unmarshal', async (t) => {
  for (const [text, message] of faults) {
    const words = /^(unexpected )?EOF$/.test(message) ? 'unexpected end of JSON input' : message;
    t.throws(() => parseWholeJson(text), { name: 'JsonTextError', message: words }, JSON.stringify(text));
  }
  for (const [text, char] of [
    ['{} x', 'x'],
    ['{}{}', '{'],
    ['[1] ,', ','],
    ['1 2', '2'],
    ['12x', 'x'],
    ['"a""b"', '"'],
    ['null\n}', '}'],
  ] as const) {
    const message = `invalid character '${char}' after top-level value`;
    t.throws(() => parseWholeJson(text), { name: 'JsonTextError', message }, JSON.stringify(text));
  }
  t.strictSame(parseWholeJson(' {"a":[1]}\n'), { a: [1] });
});
