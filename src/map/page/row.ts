import type { PoolBlocks } from '../drawing/blocks.js';
import type { Cell } from '../drawing/cells.js';
import { shorten } from '../../host/own-process/printable.js';
import { isBand, type Band, type CellRow, type Grid } from '../drawing/rows.js';
import type { Holder, Segment } from '../drawing/segments.js';
import { countOf, describeHolder, formatRun, labelHolder, stateWords } from '../drawing/words.js';
import { markup, type Markup } from './markup.js';

/** Holders that a title names at most. */
const mostNamed = 4;
/** Characters that fit into a row, and into one on a telephone. */
const rowCharacters = 115;
const bandCharacters = 48;
/** Percent of its height that a cell shows for the least that is taken. */
const leastFill = 20;
/** Cells of a row that fills the page; shorter rows have wider cells. */
const fullRow = 16;

/** A row with its first address. */
export function drawRow(row: CellRow | Band, grid: Grid, blocks: PoolBlocks): Markup {
  const picture = isBand(row) ? drawBand(row) : drawCells(row, grid, blocks);
  return markup`<div class="row"><span class="address">${blocks.addressAt(row.from)}</span>${picture}</div>
`;
}

function drawBand({ from, to, segment }: Band): Markup {
  const words = `${countOf(Number(to - from), 'block')} ${describe(segment)}`;
  return markup`<svg class="cells" width="100%" role="img" aria-label="${words}">
<g class="band ${segment.state}"><title>${words}</title>
<rect class="box" width="100%" height="100%" /><text x="50%" y="50%">${shorten(words, bandCharacters)}</text></g></svg>`;
}

function drawCells({ from, to, cells }: CellRow, { columns }: Grid, blocks: PoolBlocks): Markup {
  const held = cells.flatMap(({ segments }) => segments.flatMap(({ holder }) => holder ?? []));
  const label = `${blocks.prefixAt(from)} – ${blocks.prefixAt(to - 1n)}: ${nameHolders([...new Set(held)])}`;
  const width = Math.min(100, (columns / fullRow) * 100);
  const ticks = columns > 1 ? `url(#ticks-${columns})` : 'none';
  return markup`<svg class="cells" width="${width}%" role="img" aria-label="${label}">
<g class="free" aria-hidden="true"><rect class="box" width="100%" height="100%" /></g>
${joinCells(cells).map((joined) => drawJoined(joined, columns, blocks))}
<rect width="100%" height="100%" fill="${ticks}" pointer-events="none" /></svg>`;
}

function drawJoined({ first, count, cell }: JoinedCells, columns: number, blocks: PoolBlocks): Markup {
  const step = 100 / columns;
  const [x, width] = [first * step, count * step];
  const fill = cell.state === 'free' ? 100 : Math.max(leastFill, Math.round(cell.share * 100));
  const text = textOf(cell, (count / Math.max(columns, fullRow)) * rowCharacters);
  const words = text === undefined ? undefined : markup`<text x="${x + width / 2}%" y="50%">${text}</text>`;
  return markup`<g class="run ${cell.state}"><title>${titleOf(cell, count, blocks)}</title>
<rect class="box" x="${x}%" y="${100 - fill}%" width="${width}%" height="${fill}%" />${words}</g>`;
}

interface JoinedCells {
  readonly first: number;
  readonly count: number;
  readonly cell: Cell;
}

/** Cells side by side that are of one segment become one. */
function joinCells(cells: readonly Cell[]): readonly JoinedCells[] {
  const joined: { first: number; count: number; cell: Cell }[] = [];
  for (const [index, cell] of cells.entries()) {
    const previous = joined.at(-1);
    if (previous !== undefined && isAlike(previous.cell, cell)) previous.count += 1;
    else joined.push({ first: index, count: 1, cell });
  }
  return joined;
}

function isAlike(a: Cell, b: Cell): boolean {
  if (a.state === 'free' || b.state === 'free') return a.state === b.state;
  const isWhole = a.share === 1 && b.share === 1;
  return isWhole && a.segments.length === 1 && b.segments.length === 1 && a.segments[0] === b.segments[0];
}

/** The holder's name where there is room, else its number in the list. @param room in characters */
function textOf({ segments }: Cell, room: number): string | undefined {
  const [segment] = segments;
  if (segments.length !== 1 || segment?.holder === undefined) return undefined;
  const name = labelHolder(segment.holder.taken);
  return name !== undefined && name.length <= room ? name : String(segment.holder.number);
}

function titleOf({ from, to, segments, state }: Cell, count: number, blocks: PoolBlocks): string {
  const size = to - from;
  const last = from + size * BigInt(count - 1);
  const place = formatRun({ first: blocks.prefixAt(from, size), last: blocks.prefixAt(last, size) });
  if (segments.length === 0) return `${place}: ${stateWords[state]}`;
  const holders = segments.flatMap(({ holder }) => holder ?? []);
  return `${place}: ${holders.length === 0 ? stateWords[state] : nameHolders(holders)}`;
}

function nameHolders(holders: readonly Holder[]): string {
  if (holders.length === 0) return 'none of those that are listed';
  const named = holders.slice(0, mostNamed).map(({ taken }) => describeHolder(taken));
  const others = holders.length - named.length;
  return [...named, ...(others === 0 ? [] : [`${others} more`])].join(', ');
}

function describe({ state, holder }: Segment): string {
  return holder === undefined ? stateWords[state] : describeHolder(holder.taken);
}
