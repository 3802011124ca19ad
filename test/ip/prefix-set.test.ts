import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { bitsOf, formatCidr, lastAddress, makeCidr, overlaps } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import { PrefixSet } from '../../src/ip/prefix-set.js';
import { cidr } from '../support/addresses.js';

function setOf(...texts: string[]): PrefixSet {
  return texts.reduce((set, text) => set.add(cidr(text)), PrefixSet.empty);
}

function firstFree(set: PrefixSet, within: string, prefixBits: number, from?: bigint): string | undefined {
  const found = set.firstFree(cidr(within), prefixBits, from);
  return found && formatCidr(found);
}

void t.test('an empty set', async (test) => {
  const set = PrefixSet.empty;
  test.equal(set.size, 0);
  test.equal(set.overlaps(cidr('0.0.0.0/0')), false);
  test.equal(set.overlapping(cidr('::/0')), undefined);
  test.equal(set.remove(cidr('10.0.0.0/8')), set);
  test.equal(firstFree(set, '10.0.0.0/8', 24), '10.0.0.0/24');
  test.equal(firstFree(set, '10.0.0.0/8', 8), '10.0.0.0/8');
});

void t.test('prefixes of different families do not overlap', async (test) => {
  const set = setOf('0.0.0.0/0');
  test.equal(set.overlaps(cidr('::/0')), false);
  test.equal(firstFree(set, '::/0', 64), '::/64');
  test.equal(firstFree(set, '0.0.0.0/0', 32), undefined);
});

void t.test('a prefix added twice stays after one removal', async (test) => {
  const twice = setOf('10.1.0.0/16', '10.1.0.0/16');
  const once = twice.remove(cidr('10.1.0.0/16'));
  const none = once.remove(cidr('10.1.0.0/16'));
  test.same([twice.size, once.size, none.size], [2, 1, 0]);
  test.equal(once.overlaps(cidr('10.1.2.0/24')), true);
  test.equal(none.overlaps(cidr('10.1.2.0/24')), false);
  test.equal(none.remove(cidr('10.1.0.0/16')), none);
});

void t.test('a nested prefix stays when the outer one goes', async (test) => {
  const both = setOf('10.0.0.0/8', '10.1.0.0/16');
  test.equal(firstFree(both, '10.0.0.0/8', 16), undefined);
  const inner = both.remove(cidr('10.0.0.0/8'));
  test.equal(firstFree(inner, '10.0.0.0/15', 16), '10.0.0.0/16');
  test.equal(firstFree(inner, '10.0.0.0/15', 16, cidr('10.1.0.0/16').base), undefined);
  test.equal(both.remove(cidr('10.1.0.0/16')).overlaps(cidr('10.200.0.0/16')), true);
});

void t.test('a prefix that only joins others is no member', async (test) => {
  const set = setOf('10.0.0.0/24', '10.0.1.0/24');
  test.equal(set.remove(cidr('10.0.0.0/23')), set);
  test.same(set.overlapping(cidr('10.0.0.0/23')), cidr('10.0.0.0/24'));
});

void t.test('the search stays in its bounds', async (test) => {
  const top = setOf('255.255.255.0/24');
  test.equal(firstFree(top, '255.255.0.0/16', 24, cidr('255.255.255.0/24').base), undefined);
  test.equal(firstFree(top, '255.255.254.0/23', 24), '255.255.254.0/24');
  test.equal(firstFree(top, '255.255.254.0/23', 24, cidr('255.255.254.1/32').base), undefined);
  test.equal(firstFree(PrefixSet.empty, '10.0.0.0/24', 24, cidr('10.0.1.0/24').base), undefined);
  test.equal(firstFree(PrefixSet.empty, '10.0.0.0/24', 25, 0n), '10.0.0.0/25');
  test.equal(firstFree(PrefixSet.empty, '255.255.255.255/32', 32, 1n << 40n), undefined);
});

void t.test('a block must fit into its bounds and its family', async (test) => {
  test.equal(firstFree(PrefixSet.empty, '10.0.0.0/24', 23), undefined);
  test.equal(firstFree(PrefixSet.empty, '10.0.0.0/24', 33), undefined);
  test.equal(firstFree(PrefixSet.empty, '::/0', 129), undefined);
});

/** Small parts of the address space, so that members overlap often; some lie at its ends. */
const roots = ['0.0.0.0/0', '10.0.0.0/24', '255.255.255.128/25', '::/0', 'fd00:12:34::/57', 'fd00::8/125'].map(cidr);
roots.push(makeCidr({ family: 6, value: (1n << 128n) - 1n }, 121));

/** A prefix at most 7 bits deep in `root`, or one that covers it, or a single address. */
function prefixIn(root: Cidr): fc.Arbitrary<Cidr> {
  const span = lastAddress(root).value - root.base;
  const deepest = Math.min(root.prefixBits + 7, bitsOf(root.family));
  // Short prefixes are rare, because each blocks everything below it.
  const lengths = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: Math.min(root.prefixBits + 4, deepest), max: deepest }) },
    { weight: 8, arbitrary: fc.constant(bitsOf(root.family)) },
    { weight: 3, arbitrary: fc.integer({ min: root.prefixBits, max: deepest }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: root.prefixBits }) },
  );
  const offsets = fc.oneof(
    fc.bigInt(0n, span),
    fc.nat(127).map((n) => (span / 128n) * BigInt(n)),
  );
  return fc
    .tuple(offsets, lengths)
    .map(([offset, prefixBits]) => makeCidr({ family: root.family, value: root.base + offset }, prefixBits));
}

/** The lowest free block by a walk over all blocks, which the trie has to agree with. */
function walkFree(members: readonly Cidr[], within: Cidr, prefixBits: number, from: bigint): Cidr | undefined {
  if (prefixBits < within.prefixBits) return undefined;
  const last = lastAddress(within).value;
  const block = 1n << BigInt(bitsOf(within.family) - prefixBits);
  for (let value = within.base; value <= last; value += block) {
    const candidate = makeCidr({ family: within.family, value }, prefixBits);
    if (value >= from && !members.some((member) => overlaps(member, candidate))) return candidate;
  }
  return undefined;
}

function isSame(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base === b.base && a.prefixBits === b.prefixBits;
}

/** An addition, or a removal: of the member at `index`, else of `prefix`, which is seldom a member. */
interface Change {
  readonly add: boolean;
  readonly prefix: Cidr;
  readonly index: number;
}

const scenario = fc.constantFrom(...roots).chain((root) => {
  const deepest = Math.min(root.prefixBits + 7, bitsOf(root.family));
  const span = lastAddress(root).value - root.base;
  const change: fc.Arbitrary<Change> = fc.record({
    add: fc.oneof(fc.constant(true), fc.boolean()),
    prefix: prefixIn(root),
    index: fc.integer({ min: -1, max: 40 }),
  });
  const query = fc.record({
    within: fc
      .tuple(prefixIn(root), fc.integer({ min: root.prefixBits, max: deepest }))
      .map(([c, prefixBits]) =>
        makeCidr({ family: c.family, value: c.base < root.base ? root.base : c.base }, prefixBits),
      ),
    prefixBits: fc.integer({ min: Math.max(0, root.prefixBits - 1), max: deepest }),
    from: fc.oneof(
      fc.bigInt(root.base - 2n, root.base + span + 2n),
      fc.nat(128).map((n) => root.base + ((span + 1n) / 128n) * BigInt(n)),
      fc.constant(undefined),
    ),
    probe: prefixIn(root),
  });
  return fc.record({
    changes: fc.array(change, { maxLength: 40, size: 'max' }),
    queries: fc.array(query, { minLength: 1, maxLength: 20, size: 'max' }),
  });
});

void t.test('every version answers as a plain list does', async (test) => {
  test.doesNotThrow(() =>
    fc.assert(
      fc.property(scenario, ({ changes, queries }) => {
        const versions: { set: PrefixSet; members: readonly Cidr[] }[] = [{ set: PrefixSet.empty, members: [] }];
        for (const { add, prefix, index } of changes) {
          const { set, members } = versions.at(-1) ?? { set: PrefixSet.empty, members: [] };
          if (add) {
            versions.push({ set: set.add(prefix), members: [...members, prefix] });
            continue;
          }
          const goal = members[index] ?? prefix;
          const at = members.findIndex((member) => isSame(member, goal));
          const rest = set.remove(goal);
          if (at < 0 && rest !== set) throw new Error('the removal of an absent prefix made a new set');
          versions.push({ set: rest, members: at < 0 ? members : members.toSpliced(at, 1) });
        }
        // Every version is checked only now, so a change that touched an earlier one would show.
        for (const { set, members } of versions) {
          assert.equal(set.size, members.length);
          for (const { within, prefixBits, from, probe } of queries) {
            assert.deepEqual(
              set.firstFree(within, prefixBits, from),
              walkFree(members, within, prefixBits, from ?? within.base),
            );
            const meeting = members.filter((member) => overlaps(member, probe));
            assert.equal(set.overlaps(probe), meeting.length > 0);
            const named = set.overlapping(probe);
            assert.equal(named !== undefined && meeting.some((member) => isSame(member, named)), meeting.length > 0);
          }
        }
      }),
    ),
  );
});

void t.test('adding and removing in any order ends where it began', async (test) => {
  const root = cidr('10.0.0.0/24');
  test.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(prefixIn(root), { maxLength: 60, size: 'max' }),
        fc.infiniteStream(fc.nat()),
        (prefixes, picks) => {
          let set = prefixes.reduce((s, c) => s.add(c), PrefixSet.empty);
          const left = [...prefixes];
          while (left.length > 0) {
            const [gone] = left.splice((picks.next().value ?? 0) % left.length, 1);
            if (gone !== undefined) set = set.remove(gone);
          }
          assert.deepEqual(set, PrefixSet.empty);
        },
      ),
    ),
  );
});

void t.test('ten thousand members of either family', async (test) => {
  let set = PrefixSet.empty;
  const prefixes: Cidr[] = [];
  for (let i = 0n; i < 10_000n; i++) {
    prefixes.push(makeCidr({ family: 4, value: (10n << 24n) + (i << 8n) }, 24));
    // An odd factor permutes the 56 bits, so all are distinct and far apart.
    const spread = BigInt.asUintN(56, i * 0x9e37_79b9_7f4a_7c15n);
    prefixes.push(makeCidr({ family: 6, value: (0xfdn << 120n) | (spread << 64n) }, 64));
  }
  for (const c of prefixes) set = set.add(c);
  test.equal(set.size, 20_000);
  test.ok(prefixes.every((c) => set.overlaps(c)));
  test.equal(firstFree(set, '10.0.0.0/8', 24), '10.39.16.0/24');
  test.equal(firstFree(set, '10.0.0.0/8', 16), '10.40.0.0/16');
  for (const c of prefixes) set = set.remove(c);
  test.same(set, PrefixSet.empty);
});
