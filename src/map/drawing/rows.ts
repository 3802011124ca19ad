import { makeCell, type Cell } from './cells.js';
import type { Segment } from './segments.js';

/** A row of equal cells. */
export interface CellRow {
  readonly from: bigint;
  readonly to: bigint;
  readonly cells: readonly Cell[];
}

/** Rows in a row that one segment fills, shown as one. */
export interface Band {
  readonly from: bigint;
  readonly to: bigint;
  readonly segment: Segment;
}

export interface Grid {
  readonly blocksPerCell: bigint;
  /** Cells of a row; a power of two. */
  readonly columns: number;
  readonly rows: readonly (CellRow | Band)[];
}

export interface GridSize {
  /** A power of two. */
  readonly columns: number;
  readonly maxRows: number;
}

/**
 * Draws a pool with the smallest cells that fit. Rows without a border in them are put together, so a pool of any size with few holders is
 * drawn block by block where they are.
 *
 * @param segments of the whole pool, without gaps
 */
export function layOut(segments: readonly Segment[], size: GridSize): Grid {
  const total = segments.at(-1)?.to ?? 0n;
  const columns = total < BigInt(size.columns) ? Number(total) : size.columns;
  let blocksPerCell = 1n;
  while (countRows(segments, blocksPerCell * BigInt(columns)) > size.maxRows) blocksPerCell *= 2n;
  return { blocksPerCell, columns, rows: [...makeRows(segments, blocksPerCell, columns)] };
}

export function isBand(row: CellRow | Band): row is Band {
  return 'segment' in row;
}

function countRows(segments: readonly Segment[], rowBlocks: bigint): number {
  let count = 0;
  let broken: bigint | undefined;
  for (const { from, to } of segments) {
    if (wholeRows(from, to, rowBlocks) !== undefined) count += 1;
    // The end of the last segment is that of a row.
    const row = to % rowBlocks === 0n ? undefined : to / rowBlocks;
    if (row !== undefined && row !== broken) count += 1;
    broken = row ?? broken;
  }
  return count;
}

function* makeRows(segments: readonly Segment[], blocksPerCell: bigint, columns: number): Generator<CellRow | Band> {
  const rowBlocks = blocksPerCell * BigInt(columns);
  let open: Segment[] = [];
  for (const segment of segments) {
    const { from, to } = segment;
    const start = (from / rowBlocks) * rowBlocks;
    if (from !== start) {
      open.push(segment);
      if (to >= start + rowBlocks) {
        yield makeRow(open, start, blocksPerCell, columns);
        open = [];
      }
    }
    const whole = wholeRows(from, to, rowBlocks);
    if (whole !== undefined) yield { ...whole, segment };
    const lastRow = (to / rowBlocks) * rowBlocks;
    if (to !== lastRow && lastRow >= from) open.push(segment);
  }
}

function makeRow(segments: readonly Segment[], from: bigint, blocksPerCell: bigint, columns: number): CellRow {
  const cells: Cell[] = [];
  let first = 0;
  for (let column = 0n; column < BigInt(columns); column += 1n) {
    const start = from + column * blocksPerCell;
    const end = start + blocksPerCell;
    while ((segments[first]?.to ?? end) <= start) first += 1;
    let behind = first;
    while ((segments[behind]?.from ?? end) < end) behind += 1;
    cells.push(makeCell(start, end, segments.slice(first, behind)));
  }
  return { from, to: from + blocksPerCell * BigInt(columns), cells };
}

/** The rows that lie in a stretch of blocks as a whole; undefined when none does. */
function wholeRows(from: bigint, to: bigint, rowBlocks: bigint): Pick<Band, 'from' | 'to'> | undefined {
  const first = ((from + rowBlocks - 1n) / rowBlocks) * rowBlocks;
  const behind = (to / rowBlocks) * rowBlocks;
  return first < behind ? { from: first, to: behind } : undefined;
}
