import { PoolBlocks } from '../drawing/blocks.js';
import { formatShare, fullnessOf } from '../drawing/fullness.js';
import { layOut } from '../drawing/rows.js';
import { splitPool, stateOf } from '../drawing/segments.js';
import type { PoolBody, TakenBody } from '../drawing/view.js';
import {
  countOf,
  countUnlisted,
  describeFree,
  describeHolder,
  describeSize,
  formatCount,
  formatRun,
} from '../drawing/words.js';
import { markup, type Markup } from './markup.js';
import { drawRow } from './row.js';
import { drawSwatch, mostColumns } from './shapes.js';

const maxRows = 24;
/** Holders that the list of a pool names at most. */
const mostListed = 250;

/** A pool with its grid and the list of who has its blocks. @param number of the pool, from 1 */
export function drawPool(pool: PoolBody, number: number): Markup {
  const blocks = new PoolBlocks(pool);
  const grid = layOut(splitPool(pool, blocks), { columns: mostColumns, maxRows });
  const { blocksPerCell } = grid;
  const scale =
    blocksPerCell === 1n
      ? 'Each cell is a block.'
      : `Each cell is ${countOf(Number(blocksPerCell), 'block')}, a /${blocks.lengthOf(blocksPerCell)}; its height shows how much is taken.`;
  const free = describeFree(pool);
  return markup`<section id="pool-${number}" aria-labelledby="pool-${number}-name">
<div class="head"><h2 id="pool-${number}-name">${pool.base}</h2>${drawBadge(pool)}</div>
<p>${describeSize(pool)}, ${formatShare(pool)} taken${free === undefined ? '' : `; ${free}`}</p>
<p class="quiet">${scale}${pool.taken?.length ? ' The numbers are those of the list below.' : ''}</p>
<div class="grid">
${grid.rows.map((row) => drawRow(row, grid, blocks))}</div>
${drawHolders(pool)}</section>
`;
}

/** In words, for a pool that is full or nearly full. */
export function drawBadge(pool: PoolBody): Markup | undefined {
  const fullness = fullnessOf(pool);
  return fullness === 'roomy' ? undefined : markup`<strong class="badge">${fullness}</strong>`;
}

function drawHolders(pool: PoolBody): Markup | undefined {
  const { taken = [] } = pool;
  const unlisted = countUnlisted(pool);
  if (taken.length === 0 && unlisted === 0) return undefined;
  const listed = taken.slice(0, mostListed);
  const others = taken.length - listed.length;
  const rest = [
    ...(others === 0 ? [] : [`${formatCount(others)} more holders are not listed here: podnetd map --json has them.`]),
    ...(unlisted === 0 ? [] : [`${countOf(unlisted, 'more block')} taken, by holders that podnetd does not list.`]),
  ];
  return markup`<details open><summary>${countOf(taken.length, 'holder')}</summary>
<div class="scroll"><table class="holders">
<thead><tr><th class="number">No.</th><th>Blocks</th><th class="number">Count</th><th>Held by</th></tr></thead>
<tbody>
${listed.map((one, index) => drawHolder(one, index + 1))}</tbody></table></div>
${rest.map((words) => markup`<p class="quiet">${words}</p>`)}</details>
`;
}

function drawHolder(one: TakenBody, number: number): Markup {
  const words = describeHolder(one);
  return markup`<tr><td class="number">${number}</td><td>${formatRun(one)}</td><td class="number">${formatCount(one.blocks)}</td>
<td>${drawSwatch(stateOf(one))}<bdi>${words}</bdi></td></tr>
`;
}
