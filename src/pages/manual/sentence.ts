/** A phrase of a declaration as a sentence. */
export function finish(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}
