import type { OutputForm } from '../../host/own-process/terminal.js';
import type { State } from '../drawing/segments.js';

interface Glyph {
  readonly whole: string;
  /** A cell of which a part is taken. */
  readonly part: string;
}

/** Shapes differ, so that a reader needs no colour. */
const unicodeGlyphs: Readonly<Record<State, Glyph>> = {
  network: { whole: '█', part: '▄' },
  reserved: { whole: '▚', part: '▖' },
  host: { whole: '▒', part: '░' },
  unlisted: { whole: '?', part: '?' },
  free: { whole: '·', part: '·' },
};

const asciiGlyphs: Readonly<Record<State, Glyph>> = {
  network: { whole: 'N', part: 'n' },
  reserved: { whole: 'R', part: 'r' },
  host: { whole: 'H', part: 'h' },
  unlisted: { whole: '?', part: '?' },
  free: { whole: '.', part: '.' },
};

export function glyphOf(state: State, isWhole: boolean, { hasUnicode }: OutputForm): string {
  const { whole, part } = (hasUnicode ? unicodeGlyphs : asciiGlyphs)[state];
  return isWhole ? whole : part;
}

export type Ink = State | 'heading' | 'quiet' | 'alarm';

/** Parameters of SGR; source: ECMA-48, 8.3.117. */
const parameters: Readonly<Record<Ink, string>> = {
  network: '36',
  reserved: '35',
  host: '33',
  unlisted: '31',
  free: '32',
  heading: '1',
  quiet: '2',
  alarm: '1;31',
};

export function paint(text: string, ink: Ink, { hasColours }: OutputForm): string {
  return hasColours && text !== '' ? `\u001b[${parameters[ink]}m${text}\u001b[0m` : text;
}
