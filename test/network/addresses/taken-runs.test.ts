import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { makeCidr, overlaps } from '../../../src/ip/cidr.js';
import type { SubnetPool } from '../../../src/ip/pools.js';
import type { Cidr } from '../../../src/model/address.js';
import type { Claim } from '../../../src/network/addresses/claims.js';
import { takenRuns } from '../../../src/network/addresses/taken-runs.js';
import { cidr } from '../../support/addresses.js';
import { setOf } from '../../support/taken.js';

const pool: SubnetPool = { base: cidr('255.255.255.192/26'), prefixBits: 29 };
const kinds = ['network', 'reserved', 'route'] as const;

const prefix = fc
  .tuple(fc.bigInt(0n, 63n), fc.integer({ min: 25, max: 32 }))
  .map(([offset, prefixBits]) => makeCidr({ family: 4, value: pool.base.base + offset }, prefixBits));

t.test('runs have every block that a claim has, in order, each with its first claim', async () => {
  const claims = fc.tuple(...kinds.map(() => fc.array(prefix, { maxLength: 4 })));
  fc.assert(
    fc.property(claims, fc.integer({ min: 0, max: 8 }), (given, count) => {
      const blocks = Array.from({ length: count }, (_, at) =>
        makeCidr({ family: 4, value: pool.base.base + BigInt(at) * 8n }, 29),
      );
      const wanted = blocks.flatMap((block) => {
        const kind = kinds.find((_, rank) => given[rank]?.some((other) => overlaps(other, block)));
        return kind === undefined ? [] : [`${block.base} ${kind}`];
      });
      const of = (rank: number): Claim => ({
        kind: kinds[rank] ?? 'route',
        prefixes: setOf(given[rank] ?? []),
        yields: false,
      });
      const runs = [...takenRuns(pool, [of(0), of(1), of(2)], pool.base.base + BigInt(count) * 8n)];
      const found = runs.flatMap((run) => {
        const inside: string[] = [];
        for (let value = run.first.base; value <= run.last.base; value += 8n) inside.push(`${value} ${run.kind}`);
        for (const block of blocksBetween(run.first, run.last)) assert.ok(overlaps(block, run.prefix));
        return inside;
      });
      assert.deepEqual(found, wanted);
    }),
    { numRuns: 500 },
  );
});

function blocksBetween(first: Cidr, last: Cidr): readonly Cidr[] {
  const blocks: Cidr[] = [];
  for (let value = first.base; value <= last.base; value += 8n) blocks.push(makeCidr({ family: 4, value }, 29));
  return blocks;
}
