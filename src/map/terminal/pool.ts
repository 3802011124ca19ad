import type { OutputForm } from '../../host/own-process/terminal.js';
import { PoolBlocks } from '../drawing/blocks.js';
import { formatShare, fullnessOf } from '../drawing/fullness.js';
import { countStates, shareOut } from '../drawing/shares.js';
import { splitPool, stateOf } from '../drawing/segments.js';
import type { PoolBody, TakenBody } from '../drawing/view.js';
import {
  countUnlisted,
  describeFree,
  describeHolder,
  describeSize,
  formatCount,
  formatRun,
  type StateWords,
} from '../drawing/words.js';
import { fit } from './columns.js';
import { drawGrid } from './grid.js';
import { glyphOf, paint } from './style.js';

/** Holders that the list of a pool names at most. */
const mostListed = 24;
const barColumns = 20;
const fewestLabelColumns = 16;
const indent = '  ';

/** One pool: its counts, its grid, and who has its blocks. */
export function printPool(pool: PoolBody, words: StateWords, style: OutputForm): readonly string[] {
  const blocks = new PoolBlocks(pool);
  const free = describeFree(pool);
  const isUntouched = pool.blocks.free === pool.blocks.total;
  return [
    ...printHead(pool, words, style),
    ...(isUntouched ? [] : drawGrid(blocks, splitPool(pool, blocks), style)),
    ...(free === undefined ? [] : [printLine(free, style)]),
    ...printHolders(pool, style),
  ];
}

/** `10.89.0.0/16  NEARLY FULL  256 blocks of /24, 93 % taken`, and below it a bar with the counts. */
function printHead(pool: PoolBody, stateWords: StateWords, style: OutputForm): readonly string[] {
  const { base } = pool;
  const counts = countStates(pool);
  const fullness = fullnessOf(pool);
  const alarm = fullness === 'roomy' ? '' : `${fullness.toUpperCase()}  `;
  const room = style.width - base.length - 2 - alarm.length;
  const words = fit(`${describeSize(pool)}, ${formatShare(pool)} taken`, Math.max(4, room), style);
  const listed = counts.map(({ state, count }) => `${stateWords[state]} ${formatCount(count)}`).join(', ');
  const bar = shareOut(counts, barColumns)
    .map(({ state, marks }) => paint(glyphOf(state, true, style).repeat(marks), state, style))
    .join('');
  return [
    `${paint(base, 'heading', style)}  ${paint(alarm, 'alarm', style)}${words}`,
    `${indent}${bar}  ${fit(listed, Math.max(4, style.width - indent.length - barColumns - 2), style)}`,
  ];
}

function printHolders(pool: PoolBody, style: OutputForm): readonly string[] {
  const { taken = [] } = pool;
  const listed = taken.slice(0, mostListed);
  const widest = Math.max(0, ...listed.map((one) => formatRun(one).length));
  const lines = listed.flatMap((one) => printHolder(one, widest, style));
  const others = taken.length - listed.length;
  const unlisted = countUnlisted(pool);
  const rest = [
    ...(others === 0 ? [] : [`${formatCount(others)} more holders; podnetd map --json lists them`]),
    ...(unlisted === 0
      ? []
      : [`${formatCount(unlisted)} more blocks are taken, by holders that podnetd does not list`]),
  ];
  return [...lines, ...rest.map((words) => printLine(words, style))];
}

/** One line, or two where the prefixes leave little room. */
function printHolder(one: TakenBody, widest: number, style: OutputForm): readonly string[] {
  const state = stateOf(one);
  const mark = `${indent}${paint(glyphOf(state, true, style), state, style)} `;
  const run = formatRun(one);
  const words = describeHolder(one);
  const room = style.width - indent.length - 2;
  if (room - widest - 2 >= fewestLabelColumns)
    return [`${mark}${fit(run.padEnd(widest), widest, style)}  ${fit(words, room - widest - 2, style)}`];
  return [`${mark}${fit(run, room, style)}`, `${indent}${indent}  ${fit(words, room - 2, style)}`];
}

function printLine(words: string, style: OutputForm): string {
  return `${indent}${paint(fit(words, style.width - indent.length, style), 'quiet', style)}`;
}
