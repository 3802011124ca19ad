import type { OutputForm } from '../../host/own-process/terminal.js';
import type { PoolBlocks } from '../drawing/blocks.js';
import { isBand, layOut, type Band, type CellRow, type Grid } from '../drawing/rows.js';
import type { Segment, State } from '../drawing/segments.js';
import { countOf, describeHolder, stateWords } from '../drawing/words.js';
import { fit } from './columns.js';
import { glyphOf, paint } from './style.js';

/** Cells of a pool at most. */
const maxCells = 256;
const mostColumns = 64;
const fewestColumns = 16;
const indent = '  ';

/** A pool's blocks as lines: the first address of a row, then a mark a cell. */
export function drawGrid(blocks: PoolBlocks, segments: readonly Segment[], style: OutputForm): readonly string[] {
  const labelWidth = widestLabel(blocks) + 2;
  const columns = columnsFor(style.width - indent.length - labelWidth);
  const grid = layOut(segments, { columns, maxRows: Math.max(4, maxCells / columns) });
  const rows = grid.rows.map((row) => {
    const marks = isBand(row)
      ? drawBand(row, grid, style.width - indent.length - labelWidth, style)
      : drawCells(row, style);
    return `${indent}${paint(blocks.addressAt(row.from).padEnd(labelWidth), 'quiet', style)}${marks}`;
  });
  if (grid.blocksPerCell === 1n) return rows;
  const { blocksPerCell } = grid;
  const scale = `each mark is ${countOf(Number(blocksPerCell), 'block')}, a /${blocks.lengthOf(blocksPerCell)}`;
  return [...rows, `${indent}${paint(fit(scale, style.width - indent.length, style), 'quiet', style)}`];
}

/** The largest power of two that fits. */
function columnsFor(room: number): number {
  let columns = mostColumns;
  while (columns > room && columns > fewestColumns) columns /= 2;
  return columns;
}

function widestLabel(blocks: PoolBlocks): number {
  return Math.max(...[0n, blocks.total / 2n, blocks.total - 1n].map((index) => blocks.addressAt(index).length));
}

function drawCells({ cells }: CellRow, style: OutputForm): string {
  const runs: { state: State; text: string }[] = [];
  for (const { state, share } of cells) {
    const glyph = glyphOf(state, share === 1 || state === 'free', style);
    const previous = runs.at(-1);
    if (previous?.state === state) previous.text += glyph;
    else runs.push({ state, text: glyph });
  }
  return runs.map(({ state, text }) => paint(text, state, style)).join('');
}

/** `········ 192 blocks free ········`; where columns are few, the words may go on to the end of the line. */
function drawBand({ from, to, segment }: Band, { columns }: Grid, width: number, style: OutputForm): string {
  const fill = (count: number) => paint(glyphOf(segment.state, true, style).repeat(count), segment.state, style);
  const words = fit(describeBand(segment, to - from), Math.max(4, width - 4), style);
  const room = columns - words.length - 2;
  if (room < 4) return `${fill(2)} ${words}`;
  const left = Math.floor(room / 2);
  return `${fill(left)} ${words} ${fill(room - left)}`;
}

function describeBand({ state, holder }: Segment, count: bigint): string {
  const words = holder === undefined ? stateWords[state] : describeHolder(holder.taken);
  return `${countOf(Number(count), 'block')} ${words}`;
}
