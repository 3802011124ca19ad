import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { asGoMaps, printGoJson } from '../../../src/model/go/json.js';
import { printParsedJson } from '../../../src/model/go/parsed-json.js';

t.test('keys are sorted by their bytes, values are untouched', async (t) => {
  const parsed: unknown = JSON.parse(
    '{"b":{"d":1,"c":[{"z":0,"y":[]},{}]},"10":1,"9":"<é>","__proto__":{"x":null},"a":[[1,2],-0.5]}',
  );
  t.equal(
    printParsedJson(parsed),
    String.raw`{"10":1,"9":"\u003cé\u003e","__proto__":{"x":null},"a":[[1,2],-0.5],"b":{"c":[{"y":[],"z":0},{}],"d":1}}`,
  );
  for (const scalar of [null, true, 7, 'x', [], {}]) t.equal(printParsedJson(scalar), JSON.stringify(scalar));
});

t.test('both printers print the same', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(printParsedJson(value), printGoJson(asGoMaps(value)));
    }),
    { numRuns: 500 },
  );
});

t.test('a value of any depth prints', async (t) => {
  const depth = 200_000;
  const text = '['.repeat(depth) + ']'.repeat(depth);
  t.equal(printParsedJson(JSON.parse(text)), text);
});
