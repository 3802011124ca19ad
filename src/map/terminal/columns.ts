import { escapeCharacter } from '../../host/own-process/printable.js';
import type { OutputForm } from '../../host/own-process/terminal.js';

/** Characters that take two columns, near enough for cutting a line. */
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60]/u;

/** A text without colours, in the characters that the terminal has, cut to a width of at least 4 columns. */
export function fit(text: string, width: number, { hasUnicode }: OutputForm): string {
  const shown = hasUnicode ? text : toAscii(text);
  const mark = hasUnicode ? '…' : '...';
  let columns = 0;
  let end = 0;
  let last = 0;
  for (const character of shown) {
    columns += wide.test(character) ? 2 : 1;
    if (columns > width) return `${shown.slice(0, last)}${mark}`;
    end += character.length;
    if (columns <= width - mark.length) last = end;
  }
  return shown;
}

function toAscii(text: string): string {
  return text
    .replaceAll('–', '-')
    .replaceAll('…', '...')
    .replaceAll(/[^\x20-\x7e]/gu, escapeCharacter);
}
