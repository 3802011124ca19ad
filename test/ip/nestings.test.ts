import * as fc from 'fast-check';
import t from 'tap';
import { makeCidr, overlaps } from '../../src/ip/cidr.js';
import { findNestings } from '../../src/ip/nestings.js';

/** Few addresses, so that many prefixes overlap. */
const items = fc.array(
  fc.record({
    family: fc.constantFrom(4 as const, 6 as const),
    value: fc.bigInt(0n, 31n),
    bits: fc.integer({ min: 0, max: 6 }),
  }),
  { maxLength: 12 },
);

t.test('each pair that overlaps is in one nesting, and no other pair is', async (t) => {
  fc.assert(
    fc.property(items, (given) => {
      const all = given.map(({ family, value, bits }, id) => ({
        id,
        prefix: makeCidr({ family, value }, (family === 4 ? 26 : 122) + bits),
      }));
      const found = [...findNestings(all)].flatMap(({ inner, outer }) => outer.map((one) => pair(one.id, inner.id)));
      const wanted = all.flatMap((a) =>
        all.flatMap((b) => (a.id < b.id && overlaps(a.prefix, b.prefix) ? [pair(a.id, b.id)] : [])),
      );
      t.same(found.toSorted(), wanted.toSorted());
    }),
  );
});

t.test('the later of two equal prefixes is the inner one', async (t) => {
  const prefix = makeCidr({ family: 4, value: 0n }, 24);
  const [nesting] = findNestings([
    { prefix, id: 0 },
    { prefix, id: 1 },
  ]);
  t.equal(nesting?.inner.id, 1);
});

function pair(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
