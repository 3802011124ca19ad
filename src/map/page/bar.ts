import { countStates, shareOut } from '../drawing/shares.js';
import type { PoolBody } from '../drawing/view.js';
import { formatCount, type StateWords } from '../drawing/words.js';
import { markup, type Markup } from './markup.js';

/** Parts of a bar; a state that has blocks has one at least. */
const marks = 50;
const scale = 100 / marks;

/** How much of a pool each state has, from left to right. */
export function drawBar(pool: PoolBody, stateWords: StateWords): Markup {
  const counts = countStates(pool);
  let at = 0;
  const boxes = shareOut(counts, marks).map(({ state, marks: width }) => {
    const box = markup`<g class="${state}"><rect class="box" x="${at * scale}%" width="${width * scale}%" height="100%" /></g>`;
    at += width;
    return box;
  });
  const words = counts.map(({ state, count }) => `${stateWords[state]} ${formatCount(count)}`).join(', ');
  return markup`<svg class="bar" role="img" aria-label="${words}"><title>${words}</title>
${boxes}<rect class="edge" width="100%" height="100%" /></svg>`;
}
