/** Characters that a terminal acts on, that break lines, and that turn the direction of a text or cannot be seen. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Names and reasons come from files of other programs. A character that is not shown as itself becomes its number, as `\u{1b}`. */
export function makePrintable(text: string): string {
  return text.replaceAll(hidden, escapeCharacter);
}

export function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** @param most characters at most; a longer text ends with the mark */
export function shorten(text: string, most: number, mark = '…'): string {
  const characters = Array.from(text.slice(0, 2 * most + 2));
  if (characters.length <= most) return text;
  return `${characters.slice(0, Math.max(0, most - mark.length)).join('')}${mark}`;
}
