import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { bitsOf, covers, formatCidr, lastAddress, makeCidr, overlaps } from '../../src/ip/cidr.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import { PrefixUnion } from '../../src/ip/prefix-union.js';
import type { Cidr } from '../../src/model/address.js';
import { cidr } from '../support/addresses.js';
import { setOf } from '../support/taken.js';

/** Parts of the address space that are small enough to look at each block; some lie at its ends. */
const regions = ['0.0.0.0/26', '10.1.0.0/26', '255.255.255.192/26', '::/122', 'fd00::40/122'].map(cidr);

/** A prefix in the region or over it. */
function prefixAt({ family, base, prefixBits }: Cidr): fc.Arbitrary<Cidr> {
  const lengths = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: prefixBits + 1, max: bitsOf(family) }) },
    { weight: 1, arbitrary: fc.integer({ min: prefixBits - 2, max: prefixBits }) },
  );
  return fc
    .tuple(fc.bigInt(0n, 63n), lengths)
    .map(([offset, length]) => makeCidr({ family, value: base + offset }, length));
}

const scene = fc.constantFrom(...regions).chain((region) =>
  fc.record({
    region: fc.constant(region),
    members: fc.array(prefixAt(region), { maxLength: 12, size: 'max' }),
    prefixBits: fc.integer({ min: region.prefixBits, max: bitsOf(region.family) }),
    within: prefixAt(region).filter((within) => covers(region, within)),
    from: fc.bigInt(0n, 63n).map((offset) => region.base + offset),
  }),
);

/** The blocks of a length in a prefix, in order. */
function blocksOf(within: Cidr, prefixBits: number): readonly Cidr[] {
  const blocks: Cidr[] = [];
  const step = 1n << BigInt(bitsOf(within.family) - prefixBits);
  for (let value = within.base; value <= lastAddress(within).value; value += step) {
    blocks.push(makeCidr({ family: within.family, value }, prefixBits));
  }
  return prefixBits < within.prefixBits ? [] : blocks;
}

/** The free blocks that lie in no larger free block of the prefix, in order, the smallest first. */
function holesOf(within: Cidr, members: readonly Cidr[]): readonly Cidr[] {
  const holes: Cidr[] = [];
  for (let prefixBits = within.prefixBits; prefixBits <= bitsOf(within.family); prefixBits += 1) {
    const free = blocksOf(within, prefixBits).filter((block) => !members.some((member) => overlaps(member, block)));
    holes.push(...free.filter((block) => !holes.some((hole) => covers(hole, block))));
  }
  return holes.toSorted((a, b) => b.prefixBits - a.prefixBits);
}

t.test('the best fit is the lowest of the smallest holes with room', async () => {
  fc.assert(
    fc.property(scene, ({ within, members, prefixBits }) => {
      const holes = holesOf(within, members);
      const fit = holes.find((hole) => hole.prefixBits <= prefixBits);
      assert.deepEqual(setOf(members).bestFit(within, prefixBits), fit);
      assert.equal(setOf(members).largestFree(within), holes.at(-1)?.prefixBits);
    }),
    { numRuns: 500 },
  );
});

t.test('occupied blocks are counted as by a walk over all, up to an address too', async () => {
  fc.assert(
    fc.property(scene, ({ region, members, prefixBits, from }) => {
      const occupied = blocksOf(region, prefixBits).filter((block) =>
        members.some((member) => overlaps(member, block)),
      );
      const set = setOf(members);
      assert.equal(set.countOccupied(region, prefixBits), BigInt(occupied.length));
      const below = occupied.filter(({ base }) => base < from);
      assert.equal(set.countOccupiedBelow(region, prefixBits, from), BigInt(below.length));
    }),
    { numRuns: 500 },
  );
});

t.test('members come in order, each once', async () => {
  fc.assert(
    fc.property(scene, ({ within, members, from }) => {
      const key = ({ base, prefixBits }: Cidr) => `${base}/${prefixBits}`;
      const distinct = [...new Map(members.map((member) => [key(member), member])).values()];
      const wanted = distinct
        .filter((member) => overlaps(member, within) && lastAddress(member).value >= from)
        .toSorted((a, b) => (a.base === b.base ? a.prefixBits - b.prefixBits : a.base < b.base ? -1 : 1));
      assert.deepEqual([...setOf(members).members(within, from)], wanted);
    }),
    { numRuns: 500 },
  );
});

t.test('a union goes with its parts, whatever they were before', async () => {
  const states = fc.constantFrom(...regions.slice(0, 4)).chain((region) => {
    const part = fc.array(prefixAt(region), { maxLength: 8 });
    return fc.array(fc.tuple(part, part, part), { maxLength: 6 });
  });
  fc.assert(
    fc.property(states, (given) => {
      const union = new PrefixUnion();
      for (const parts of given) {
        const joined = union.join(parts.map(setOf));
        const members = parts.flat();
        for (const region of regions) {
          for (const address of blocksOf(region, bitsOf(region.family))) {
            assert.equal(
              joined.overlaps(address),
              members.some((member) => overlaps(member, address)),
            );
          }
          assert.deepEqual(joined.largestFree(region), setOf(members).largestFree(region));
        }
        assert.equal(joined.size, members.length, 'and keeps nothing else');
      }
    }),
    { numRuns: 100 },
  );
});

t.test('a union goes with thousands of changes at once', async (t) => {
  const many = (first: number, count: number) =>
    Array.from({ length: count }, (_, at) => makeCidr({ family: 4, value: BigInt(first + at) << 8n }, 24));
  const union = new PrefixUnion();
  const states = [
    [[], []],
    [many(0, 3_000), many(2_900, 200)],
    [many(2_000, 3_000), []],
    [many(2_000, 2_990), many(0, 1)],
    [[], []],
  ].map((parts) => parts.map(setOf));
  for (const parts of states) {
    const joined = union.join(parts);
    const fresh = new PrefixUnion().join(parts);
    const visited: Cidr[] = [];
    fresh.compare(joined, (prefix) => visited.push(prefix));
    t.same(visited, []);
    t.equal(joined.size, fresh.size);
  }
});

t.test('a change of one member of many is all that a comparison visits', async (t) => {
  let set = PrefixSet.empty;
  for (let at = 0; at < 5_000; at += 1) set = set.add(makeCidr({ family: 4, value: BigInt(at) << 9n }, 24));
  const visited: string[] = [];
  const visit = (c: Cidr, more: number) => visited.push(`${more}: ${formatCidr(c)}`);
  const changed = set.add(cidr('192.168.0.0/24')).remove(makeCidr({ family: 4, value: 512n }, 24));
  set.compare(changed, visit);
  t.same(visited, ['-1: 0.0.2.0/24', '1: 192.168.0.0/24']);
  visited.length = 0;
  changed.compare(changed.add(cidr('192.168.0.0/24')), visit);
  t.same(visited, ['1: 192.168.0.0/24'], 'a prefix that is added again counts twice');
});
