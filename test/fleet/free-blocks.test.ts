import * as fc from 'fast-check';
import t from 'tap';
import { findFreeBlocks } from '../../src/fleet/claims/free-blocks.js';
import type { ClaimStore } from '../../src/fleet/store/claim-store.js';
import { Keys } from '../../src/fleet/store/keys.js';
import { blockAt, countBlocks } from '../../src/ip/blocks.js';
import { covers, formatCidr } from '../../src/ip/cidr.js';
import { rounds } from '../support/rounds.js';
import { FakeStore } from './model/fake-store.js';
import { makeRandom, VirtualTime } from './model/virtual-time.js';
import { makePool } from './real-hosts.js';

/** Free blocks are found wherever they are, in pools of any size, at few requests. */

const keys = new Keys('/podnetd');
const pools = [
  makePool('10.64.0.0/24', 27, 29),
  makePool('10.64.0.0/10', 20, 24),
  makePool('128.0.0.0/1', 13, 24),
  makePool('255.255.0.0/16', 28, 29),
  makePool('fd77::/24', 64, 80),
];

async function prepare(claimed: readonly string[]) {
  const time = new VirtualTime();
  const store = new FakeStore(time, makeRandom(1));
  store.restore({ entries: new Map(claimed.map((key) => [key, { value: 'x', lease: undefined }])), revision: 2n });
  const client = store.clientOf(() => true);
  let requests = 0;
  const run: ClaimStore['run'] = async (...asked) => {
    requests += 1;
    const answer = client.run(...asked);
    await time.advance({ events: 2 }, () => undefined);
    return await answer;
  };
  return { store: { ...client, run } as ClaimStore, count: () => requests };
}

t.test('free blocks of pools that are full from below', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...pools),
      fc.integer({ min: 0, max: 600 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 599 }), { maxLength: 5 }),
      fc.integer(),
      async (pool, dense, holes, seed) => {
        const total = countBlocks(pool);
        const indexes = Array.from({ length: dense }, (_, at) => BigInt(at)).filter((at) => at < total);
        const claimed = new Set(
          indexes.filter((at) => !holes.includes(Number(at))).map((at) => keys.block(blockAt(pool, at))),
        );
        const { store, count } = await prepare([...claimed]);
        const free = await findFreeBlocks(store, keys, pool, 100, 1e9, makeRandom(seed));
        if (free.length === 0 && BigInt(claimed.size) < total) throw new Error('a free block is not found');
        for (const block of free)
          if (claimed.has(keys.block(block)) || !covers(pool.base, block))
            throw new Error(`not free: ${formatCidr(block)}`);
        if (new Set(free.map(formatCidr)).size !== free.length) throw new Error('a block twice');
        // A list, and a count and a list for each factor of 64.
        const levels = Math.ceil((pool.blockBits - pool.base.prefixBits) / 6);
        if (count() > 1 + 2 * levels) throw new Error(`${count()} requests`);
      },
    ),
    { numRuns: rounds(100, 2_000) },
  );
  t.pass('found');
});

t.test('a pool with few free blocks at its end', async (t) => {
  const [, , , pool = makePool('255.255.0.0/16', 28, 29)] = pools;
  const claimed = Array.from({ length: 4_094 }, (_, at) => keys.block(blockAt(pool, BigInt(at))));
  const { store } = await prepare(claimed);
  const free = await findFreeBlocks(store, keys, pool, 100, 1e9, makeRandom(3));
  t.strictSame(free.map(formatCidr), ['255.255.255.224/28', '255.255.255.240/28']);
  const full = await prepare([...claimed, ...[4_094n, 4_095n].map((at) => keys.block(blockAt(pool, at)))]);
  t.strictSame(await findFreeBlocks(full.store, keys, pool, 100, 1e9, makeRandom(3)), []);
});

t.test("somebody else's keys among the claims", async (t) => {
  const [pool = makePool('10.64.0.0/24', 27, 29)] = pools;
  const { store } = await prepare([
    keys.block(blockAt(pool, 0n)),
    `${keys.block(blockAt(pool, 1n))}.note`,
    '/podnetd/v1/blocks/4/0a40001',
    '/podnetd/v1/blocks/4/0a400020/ffffffff',
  ]);
  const free = await findFreeBlocks(store, keys, pool, 100, 1e9, makeRandom(3));
  t.equal(free.length, 7);
});
