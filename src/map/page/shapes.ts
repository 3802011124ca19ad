import { states, type State } from '../drawing/segments.js';
import type { StateWords } from '../drawing/words.js';
import { markup, type Markup } from './markup.js';

/** Cells of a row at most; a power of two. */
export const mostColumns = 32;

/** Fills and lines that every picture of the page refers to. */
export function drawDefinitions(): Markup {
  const ticks = [];
  for (let columns = 2; columns <= mostColumns; columns *= 2) {
    ticks.push(
      markup`<pattern id="ticks-${columns}" width="${1 / columns}" height="1"><path class="tick" d="M0 0V40" /></pattern>`,
    );
  }
  return markup`<svg class="defs" aria-hidden="true"><defs>
<pattern id="reserved" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="reserved-paper" width="7" height="7" /><path class="reserved-ink" d="M0 0V7" /></pattern>
<pattern id="host" width="6" height="6" patternUnits="userSpaceOnUse">
<rect class="host-paper" width="6" height="6" /><circle class="host-ink" cx="3" cy="3" r="1.6" /></pattern>
<pattern id="unlisted" width="8" height="8" patternUnits="userSpaceOnUse">
<rect class="unlisted-paper" width="8" height="8" /><path class="unlisted-ink" d="M0 4H8M4 0V8" /></pattern>
${ticks}</defs></svg>`;
}

export function drawSwatch(state: State): Markup {
  return markup`<svg class="swatch ${state}" aria-hidden="true"><rect class="box" width="100%" height="100%" />
<rect class="edge" width="100%" height="100%" /></svg>`;
}

/** What each fill means. */
export function drawLegend(words: StateWords): Markup {
  const items = states
    .filter((state) => state !== 'unlisted')
    .map((state) => markup`<li>${drawSwatch(state)}${words[state]}</li>`);
  return markup`<ul class="legend" aria-label="Legend">${items}</ul>`;
}
