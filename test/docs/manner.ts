/** The user that runs the blocks of a page: an administrator has a machine that systemd has booted, and packages of podnetd. */
export type Runner = 'root' | 'a user' | 'an administrator';

const runners: readonly Runner[] = ['root', 'a user', 'an administrator'];

/** How a block is run, from the note above it. */
export interface Manner {
  /** Undefined where every runner runs the block. */
  readonly by: Runner | undefined;
  /** Whether the block runs before the blocks above it. */
  readonly isFirst: boolean;
  /** Whether the block runs in a terminal of its own, until the end of the page. */
  readonly stays: boolean;
}

const prefix = 'run: ';
const parts: ReadonlySet<string> = new Set([...runners.map((runner) => `by ${runner}`), 'first', 'until stopped']);

/** @param note `run: first, by root, until stopped`, each part of which may be missing; or nothing */
export function readManner(note: string): Manner {
  const found = partsOf(note);
  return {
    by: runners.find((runner) => found.includes(`by ${runner}`)),
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
