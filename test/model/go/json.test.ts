import * as fc from 'fast-check';
import { assert, property, string, uniqueArray } from 'fast-check';
import t from 'tap';
import { asGoMaps, printGoJson, quoteGoJson, sortedByBytes, type GoValue } from '../../../src/model/go/json.js';

/** Texts as encoding/json prints them; source: Go encoding/json/encode.go@go1.19. */
const quoted: readonly (readonly [text: string, printed: string])[] = [
  ['', '""'],
  ['plain', '"plain"'],
  ['<a href="x">&', String.raw`"\u003ca href=\"x\"\u003e\u0026"`],
  ['\u2028 \u2029', String.raw`"\u2028 \u2029"`],
  ['\b\f', String.raw`"\u0008\u000c"`],
  ['\n\r\t', String.raw`"\n\r\t"`],
  ['\u0000\u001f', String.raw`"\u0000\u001f"`],
  ['\u007f', '"\u007f"'],
  ['back\\slash', String.raw`"back\\slash"`],
  [String.raw`\b \f`, String.raw`"\\b \\f"`],
  ['\\\b<', String.raw`"\\\u0008\u003c"`],
  [String.raw`\<`, String.raw`"\\\u003c"`],
  ['/', '"/"'],
  ['é ☃ 😀', '"é ☃ 😀"'],
  ['\ud800', '"\ufffd"'],
  ['a\udc00b<', String.raw`"a${'\ufffd'}b\u003c"`],
];

t.test('texts are quoted as in Go', async (t) => {
  for (const [index, [text, printed]] of quoted.entries()) {
    t.equal(quoteGoJson(text), printed, `text ${index}`);
    t.equal(printGoJson(text), printed, `text ${index} as a value`);
  }
});

t.test('any text comes back, but for lone surrogates', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => JSON.parse(quoteGoJson(text)) === text.toWellFormed()),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => !/[<>&\u2028\u2029]/.test(quoteGoJson(text))),
    { numRuns: 500 },
  );
  t.pass('500 texts');
});

const values: readonly (readonly [value: GoValue, printed: string])[] = [
  [null, 'null'],
  [true, 'true'],
  [0, '0'],
  [-1.5, '-1.5'],
  [{}, '{}'],
  [[], '[]'],
  [new Map(), '{}'],
  [[[], {}, new Map()], '[[],{},{}]'],
  [{ b: 1, a: undefined, c: [1, '2', null] }, '{"b":1,"c":[1,"2",null]}'],
  [{ z: 1, a: 2 }, '{"z":1,"a":2}'],
  [
    new Map([
      ['z', 1],
      ['a', 2],
    ]),
    '{"a":2,"z":1}',
  ],
  [new Map([['<', '>']]), String.raw`{"\u003c":"\u003e"}`],
];

t.test('values print compactly', async (t) => {
  for (const [value, printed] of values) t.equal(printGoJson(value), printed);
});

t.test('keys of a map are in the order of their bytes', async (t) => {
  // U+FF5E comes before U+1F600 in UTF-8, and behind its surrogates in UTF-16.
  const keys = ['\u{1f600}', '\uff5e', 'b', 'a', 'B', '10', '9', '', 'aa', '__proto__', 'constructor'];
  const map = new Map(keys.map((key) => [key, 1]));
  t.strictSame(
    sortedByBytes(map).map(([key]) => key),
    ['', '10', '9', 'B', '__proto__', 'a', 'aa', 'b', 'constructor', '\uff5e', '\u{1f600}'],
  );
  t.equal(
    printGoJson(new Map(['9', '10', '__proto__'].map((key) => [key, key]))),
    '{"10":"10","9":"9","__proto__":"__proto__"}',
  );
});

t.test('any keys are in the order of their bytes', async () => {
  assert(
    property(uniqueArray(string({ unit: 'binary', maxLength: 3 }), { maxLength: 20 }), (keys) => {
      const found = sortedByBytes(new Map(keys.map((key) => [key, 1]))).map(([key]) => Buffer.from(key));
      t.strictSame(found, found.toSorted(Buffer.compare));
    }),
  );
});

t.test('a level has the given width, and empty containers stay on their line', async (t) => {
  const value = new Map<string, GoValue>([
    ['plugins', [{ type: 'bridge', ipam: {} }, []]],
    ['args', new Map()],
  ]);
  t.equal(
    printGoJson(value, 3),
    '{\n   "args": {},\n   "plugins": [\n      {\n         "type": "bridge",\n         "ipam": {}\n      },\n      []\n   ]\n}',
  );
});

t.test('parsed JSON prints as Go maps', async (t) => {
  const parsed: unknown = JSON.parse('{"b":{"d":1,"c":[{"z":0,"y":0}]},"__proto__":{"x":1},"10":1,"9":2,"a":null}');
  t.equal(printGoJson(asGoMaps(parsed)), '{"10":1,"9":2,"__proto__":{"x":1},"a":null,"b":{"c":[{"y":0,"z":0}],"d":1}}');
});

t.test('a printed value reads back as the same JSON', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 1, 3), (value, indent) => {
      // -0 prints as 0, as in JSON.stringify.
      t.strictSame(JSON.parse(printGoJson(asGoMaps(value), indent)), JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 100 },
  );
});
