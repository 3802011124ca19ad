import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { PoolBlocks } from '../../src/map/drawing/blocks.js';
import { isBand, layOut } from '../../src/map/drawing/rows.js';
import { splitPool, type Segment } from '../../src/map/drawing/segments.js';
import { makePool, networks } from './views.js';

/** A pool of 2^bits blocks with borders at random places. */
const pools = fc
  .record({
    bits: fc.integer({ min: 0, max: 60 }),
    borders: fc.array(fc.bigInt({ min: 0n, max: 1n << 60n }), { maxLength: 40 }),
    small: fc.array(fc.bigInt({ min: 0n, max: 300n }), { maxLength: 40 }),
  })
  .map(({ bits, borders, small }) => {
    const total = 1n << BigInt(bits);
    const all = [...borders, ...small].map((border) => border % total);
    const at = [...new Set([0n, ...all, total])].toSorted((a, b) => (a < b ? -1 : 1));
    return at.slice(1).map((to, index): Segment => {
      const state = (['free', 'network', 'reserved', 'host'] as const)[index % 4] ?? 'free';
      return { from: at[index] ?? 0n, to, state, holder: undefined };
    });
  });
const sizes = fc.record({
  columns: fc.constantFrom(1, 16, 32, 64),
  maxRows: fc.integer({ min: 1, max: 24 }),
});

t.test('the rows of a grid have every block once, within the bounds', async () => {
  fc.assert(
    fc.property(pools, sizes, (segments, size) => {
      const grid = layOut(segments, size);
      assert.ok(grid.rows.length <= size.maxRows);
      assert.ok(grid.columns <= size.columns);
      let at = 0n;
      for (const row of grid.rows) {
        assert.equal(row.from, at);
        at = row.to;
        if (isBand(row)) {
          assert.ok(row.segment.from <= row.from && row.to <= row.segment.to, 'a band is of one segment');
          continue;
        }
        assert.equal(row.cells.length, grid.columns);
        assert.equal(row.cells[0]?.from, row.from);
        assert.equal(row.cells.at(-1)?.to, row.to);
      }
      assert.equal(at, segments.at(-1)?.to);
    }),
    { numRuns: 500 },
  );
});

t.test('cells show what is taken in them', async () => {
  fc.assert(
    fc.property(pools, sizes, (segments, size) => {
      const cells = layOut(segments, size).rows.flatMap((row) => (isBand(row) ? [] : row.cells));
      for (const { from, to, state, share, segments: held } of cells) {
        const parts = segments.filter((segment) => segment.from < to && from < segment.to);
        assert.deepEqual(
          held,
          parts.filter((segment) => segment.state !== 'free'),
        );
        assert.equal(state === 'free', held.length === 0);
        assert.equal(share === 1, !parts.some((segment) => segment.state === 'free'));
        assert.equal(share === 0, held.length === 0);
      }
    }),
    { numRuns: 300 },
  );
});

t.test('a cell with one free block among 2^54 is not drawn as full', async (t) => {
  const free: Segment = { from: 0n, to: 1n, state: 'free', holder: undefined };
  const taken: Segment = { from: 1n, to: 1n << 54n, state: 'network', holder: undefined };
  const [row] = layOut([free, taken], { columns: 1, maxRows: 1 }).rows;
  t.ok(row !== undefined && !isBand(row) && (row.cells[0]?.share ?? 1) < 1);
});

t.test('the smallest cells that fit are drawn', async (t) => {
  const draw = (base: string, size: number, count: number) => {
    const pool = makePool(base, size, networks(0, count));
    return layOut(splitPool(pool, new PoolBlocks(pool)), { columns: 64, maxRows: 4 });
  };
  t.equal(draw('10.89.0.0/16', 24, 3).blocksPerCell, 1n);
  t.equal(draw('10.89.0.0/16', 24, 3).rows.length, 2);
  t.equal(draw('fd00::/48', 64, 3).blocksPerCell, 1n);
  t.equal(draw('fc00::/8', 64, 3).rows.length, 2);
  t.equal(draw('10.128.0.0/9', 24, 10_000).blocksPerCell, 64n);
  t.equal(draw('10.0.0.0/24', 24, 1).rows.length, 1);
});

t.test('blocks behind the last listed holder may be anyone’s', async (t) => {
  const pool = { ...makePool('10.0.0.0/16', 24, networks(2, 3)), unlisted: 9 };
  const states = splitPool(pool, new PoolBlocks(pool)).map(({ from, to, state }) => [Number(from), Number(to), state]);
  const held = [2, 3, 4].map((from) => [from, from + 1, 'network']);
  t.same(states, [[0, 2, 'free'], ...held, [5, 256, 'unlisted']]);
});

t.test('holders outside of the pool, or upon another, are not drawn twice', async (t) => {
  const inside = makePool('10.0.0.0/24', 28, [[2, 4, { kind: 'network' }]]);
  const odd = makePool('10.0.0.0/24', 28, [
    [2, 4, { kind: 'network' }],
    [3, 2, { kind: 'route' }],
    [20, 2, { kind: 'route' }],
  ]);
  const ends = (pool: typeof odd) => splitPool(pool, new PoolBlocks(pool)).map(({ to }) => to);
  t.same(ends(odd), ends(inside));
});
