import { choosePools } from '../drawing/chosen-pools.js';
import { formatShare } from '../drawing/fullness.js';
import type { MapView, PoolBody } from '../drawing/view.js';
import { describeHolder, describeSource, formatCount, titleOf, wordsOf, type StateWords } from '../drawing/words.js';
import { drawBar } from './bar.js';
import { markup, type Markup } from './markup.js';
import { drawBadge, drawPool } from './pool.js';
import { drawDefinitions, drawLegend } from './shapes.js';
import { style } from './style.js';

const mostPools = 32;
const mostReserved = 250;

/** A page of its own: no script, and nothing from elsewhere. Its size is bounded, however many networks there are. */
export function drawPage(view: MapView): string {
  const words = wordsOf(view);
  const { shown, rest } = choosePools(view.report.pools, mostPools);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${titleOf(view)}</title>
<style>${style}</style>
</head>
<body>
${drawDefinitions()}
<header><h1><bdi>${titleOf(view)}</bdi></h1>
<p class="quiet">${drawTime(view.at)}: ${describeSource(view)}</p>
${drawLegend(words)}</header>
<main>
<section aria-label="All pools">${drawOverview(shown, words)}
${rest === undefined ? undefined : markup`<p class="quiet">${rest}.</p>`}</section>
${shown.map((pool, index) => drawPool(pool, index + 1))}${drawReserved(view)}</main>
<footer class="quiet">Made by podnetd map</footer>
</body>
</html>
`;
  return page.text;
}

function capitalise(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function drawTime(at: Date): Markup {
  const text = at.toISOString();
  return markup`<time datetime="${text}">${text.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function drawOverview(pools: readonly PoolBody[], words: StateWords): Markup {
  if (pools.length === 0) return markup`<p>There are no pools.</p>`;
  return markup`<div class="scroll"><table class="overview">
<thead><tr><th>Pool</th><th class="share">Share</th><th class="number">Taken</th>
${(['network', 'reserved', 'host', 'free'] as const).map((state) => markup`<th class="number">${capitalise(words[state])}</th>`)}</tr></thead>
<tbody>
${pools.map((pool, index) => drawOverviewRow(pool, index, words))}</tbody></table></div>`;
}

function drawOverviewRow(pool: PoolBody, index: number, words: StateWords): Markup {
  const { used, reserved, blocked, free } = pool.blocks;
  const cell = (name: string, count: number) =>
    markup`<td class="number" data-blocks="${name}" data-count="${count}">${formatCount(count)}</td>`;
  return markup`<tr data-pool="${pool.base}"><th scope="row"><a href="#pool-${index + 1}">${pool.base}</a> ${drawBadge(pool)}</th>
<td>${drawBar(pool, words)}</td><td class="number">${formatShare(pool)}</td>
${cell('used', used)}${cell('reserved', reserved)}${cell('blocked', blocked)}${cell('free', free)}</tr>
`;
}

/** Reserved prefixes, also those that are in no pool. */
function drawReserved({ report: { reserved } }: MapView): Markup | undefined {
  if (reserved.length === 0) return undefined;
  const rows = reserved.slice(0, mostReserved).map(({ subnet, reason }) => {
    const words = describeHolder({ kind: 'reserved', prefix: subnet, reason, first: subnet, last: subnet, blocks: 1 });
    return markup`<tr><th scope="row">${subnet}</th><td><bdi>${words}</bdi></td></tr>
`;
  });
  const others = reserved.length - rows.length;
  const more =
    others === 0 ? undefined : markup`<p class="quiet">${formatCount(others)} more: podnetd map --json has them.</p>`;
  return markup`<section aria-labelledby="reserved-prefixes"><h2 id="reserved-prefixes">Reserved: given to no network</h2>
<div class="scroll"><table><tbody>
${rows}</tbody></table></div>${more}</section>
`;
}
