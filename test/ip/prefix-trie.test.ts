import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { contains, lastAddress, makeCidr, overlaps } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import { insert, remove } from '../../src/ip/prefix-trie.js';
import type { Trie } from '../../src/ip/prefix-trie.js';

const base = 0x0a00_0000n;
const prefix = fc
  .tuple(fc.bigInt(0n, 63n), fc.integer({ min: 26, max: 32 }))
  .map(([offset, prefixBits]) => makeCidr({ family: 4, value: base + offset }, prefixBits));

/** Length of the largest block in `region` that no member overlaps; 129 if every address is used. */
function measureFree(region: Cidr, members: readonly Cidr[]): number {
  for (let prefixBits = region.prefixBits; prefixBits <= 32; prefixBits++) {
    const last = lastAddress(region).value;
    for (let value = region.base; value <= last; value += 1n << BigInt(32 - prefixBits)) {
      const block = makeCidr({ family: 4, value }, prefixBits);
      if (!members.some((member) => overlaps(member, block))) return prefixBits;
    }
  }
  return 129;
}

/** Checks that a trie is the smallest for its members and that each node knows its largest free block. @returns the members */
function check(node: Trie): Cidr[] {
  if (node === undefined) return [];
  const { cidr, count, low, high } = node;
  assert.ok(count > 0 || (low !== undefined && high !== undefined), 'neither a member nor a fork');
  if (low !== undefined)
    assert.ok(
      contains(makeCidr({ family: 4, value: cidr.base }, cidr.prefixBits + 1), { family: 4, value: low.cidr.base }),
    );
  if (high !== undefined)
    assert.ok(contains(makeCidr(lastAddress(cidr), cidr.prefixBits + 1), { family: 4, value: high.cidr.base }));
  const members = [...Array.from({ length: count }, () => cidr), ...check(low), ...check(high)];
  assert.equal(node.freeBits, measureFree(cidr, members));
  return members;
}

// A needless node would not change any answer, but the bound on the steps.
void t.test('a trie has no needless node, and each knows its largest free block', async (test) => {
  test.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 30, size: 'max' }),
        fc.array(fc.nat(29), { size: 'max', maxLength: 30 }),
        (added, gone) => {
          let trie: Trie;
          for (const c of added) trie = insert(trie, c);
          assert.equal(check(trie).length, added.length);
          for (const index of new Set(gone)) {
            const c = added[index];
            if (c !== undefined) trie = remove(trie, c);
            check(trie);
          }
        },
      ),
    ),
  );
});
