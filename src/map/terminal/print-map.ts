import type { OutputForm } from '../../host/own-process/terminal.js';
import { choosePools } from '../drawing/chosen-pools.js';
import { states } from '../drawing/segments.js';
import type { MapView } from '../drawing/view.js';
import { describeHolder, describeSource, formatCount, titleOf, wordsOf, type StateWords } from '../drawing/words.js';
import { fit } from './columns.js';
import { printPool } from './pool.js';
import { glyphOf, paint } from './style.js';

const mostPools = 32;
const mostReserved = 32;
/** A narrower terminal breaks the lines itself. */
const narrowest = 44;

/** The picture of a terminal: lines of bounded width and number, however many networks there are. */
export function printMap(view: MapView, given: OutputForm): string {
  const style = { ...given, width: Math.max(narrowest, given.width) };
  const { shown, rest } = choosePools(view.report.pools, mostPools);
  const parts = [
    printTitle(view, style),
    ...(view.report.pools.length === 0 ? [['There are no pools.']] : []),
    ...shown.map((pool) => printPool(pool, wordsOf(view), style)),
    ...(rest === undefined ? [] : [[fit(rest, style.width, style)]]),
    ...printReserved(view, style),
    printLegend(wordsOf(view), style),
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function printTitle(view: MapView, style: OutputForm): readonly string[] {
  return [
    paint(fit(titleOf(view), style.width, style), 'heading', style),
    // Whole, because a cut path names another file.
    paint(fit(describeSource(view), Infinity, style), 'quiet', style),
  ];
}

/** Reserved prefixes, also those that are in no pool. */
function printReserved({ report: { reserved } }: MapView, style: OutputForm): readonly (readonly string[])[] {
  if (reserved.length === 0) return [];
  const listed = reserved.slice(0, mostReserved);
  const widest = Math.max(...listed.map(({ subnet }) => subnet.length));
  const glyph = paint(glyphOf('reserved', true, style), 'reserved', style);
  const lines = listed.map(({ subnet, reason }) => {
    const words = describeHolder({ kind: 'reserved', prefix: subnet, reason, first: subnet, last: subnet, blocks: 1 });
    return `  ${glyph} ${subnet.padEnd(widest)}  ${fit(words, Math.max(4, style.width - widest - 6), style)}`;
  });
  const others = reserved.length - listed.length;
  const more = others === 0 ? [] : [`  ${formatCount(others)} more; podnetd map --json lists them`];
  return [[paint('Reserved: given to no network', 'heading', style), ...lines, ...more]];
}

function printLegend(words: StateWords, style: OutputForm): readonly string[] {
  const marks = states
    .filter((state) => state !== 'unlisted')
    .map((state) => `${paint(glyphOf(state, true, style), state, style)} ${words[state]}`);
  const part = glyphOf('network', false, style);
  return [
    marks.join('  '),
    paint(fit(`${part} and the like: a part of the mark's blocks`, style.width, style), 'quiet', style),
  ];
}
