import * as fc from 'fast-check';
import t from 'tap';
import { measureJson } from '../../src/model/json-extent.js';

/** The extent of a parsed value, by a walk through it. */
function count(value: unknown): { values: number; keys: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 0, keys: 0, depth: 0 };
  const members = Object.values(value);
  const inner = members.map(count);
  const sum = (key: 'values' | 'keys') => inner.reduce((total, one) => total + one[key], 0);
  return {
    values: members.length + sum('values'),
    keys: (Array.isArray(value) ? 0 : members.length) + sum('keys'),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

t.test('a text has the extent of its value', async (t) => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const { values, keys, depth } = measureJson(JSON.stringify(value, undefined, indent), 1_000);
      t.strictSame({ values, keys, depth }, count(value));
    }),
  );
});

t.test('the fullest part has a name', async (t) => {
  const named: readonly (readonly [text: string, name: string, members: number])[] = [
    ['{"a":{"x":1,"y":2,"z":3},"b":[1]}', 'a', 3],
    ['{"a":1,"b":{"labels":{"x":",","y":"}","z":"\\"]"}}}', 'labels', 3],
    ['{"list":[{"x":[1,2,3,4,5]}]}', 'x', 5],
    ['{"list":[[1,2,3]]}', 'list', 3],
    ['[1,2]', '', 2],
    ['{"\\u0061":[1,2]}', 'a', 2],
    ['"text"', '', 0],
    ['', '', 0],
  ];
  for (const [text, name, members] of named) t.strictSame(measureJson(text, 100).fullest, { name, members }, text);
});

t.test('text behind the first value is not measured, and no text throws', async (t) => {
  t.equal(measureJson('[1] [2,3,4]', 100).values, 1);
  t.equal(measureJson('['.repeat(1_000), 100).depth, 101, 'the count ends one level below the limit');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', ' ', 'a', '1') }),
      (text) => void measureJson(text, 10),
    ),
  );
});
