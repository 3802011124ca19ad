/** A phrase of a declaration as a sentence; the program's name keeps its form. */
export function finish(phrase: string): string {
  if (phrase.startsWith('podnetd')) return `${phrase}.`;
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}
