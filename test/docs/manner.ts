/** Who runs the blocks of a page. */
export type Runner = 'root' | 'a user';

/** What the note above a block says of how it is run. */
export interface Manner {
  /** Undefined where each runner does. */
  readonly by: Runner | undefined;
  /** Before the blocks above it. */
  readonly isFirst: boolean;
  /** In a terminal of its own, until the end of the page. */
  readonly stays: boolean;
}

const prefix = 'run: ';
const parts: ReadonlySet<string> = new Set(['by root', 'by a user', 'first', 'until stopped']);

/** @param note `run: first, by root, until stopped`, each part of which may be missing; or nothing */
export function readManner(note: string): Manner {
  const found = partsOf(note);
  return {
    by: found.includes('by root') ? 'root' : found.includes('by a user') ? 'a user' : undefined,
    isFirst: found.includes('first'),
    stays: found.includes('until stopped'),
  };
}

export function isManner(note: string): boolean {
  return note.startsWith(prefix) && partsOf(note).every((part) => parts.has(part));
}

function partsOf(note: string): readonly string[] {
  return note.slice(prefix.length).split(', ');
}
