import { createHash } from 'node:crypto';

/** Stands before the first line of all. */
export const noLine = '0'.repeat(64);

/** The members that each line has. */
export interface Link {
  /** Counts the lines, from 1, over all files of a chain. */
  readonly seq: number;
  /** Hash of the line before; {@link noLine} for the first. */
  readonly prev: string;
  readonly event: string;
}

/** SHA-256 of a text, in hexadecimal digits. */
export function hash(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The end of a chain, to which lines are added. */
export class Chain {
  constructor(
    private seq = 0,
    private last = noLine,
  ) {}

  /** Number and hash of the last line. */
  get head(): { readonly seq: number; readonly hash: string } {
    return { seq: this.seq, hash: this.last };
  }

  /** @returns the line with its end of line, linked to the one before */
  add(event: string, facts: object): string {
    this.seq += 1;
    const line = JSON.stringify({ seq: this.seq, prev: this.last, event, ...facts });
    this.last = hash(line);
    return `${line}\n`;
  }

  /** Takes back what was added since. */
  rewind({ seq, hash: last }: Chain['head']): void {
    this.seq = seq;
    this.last = last;
  }
}

/** The members of a line; undefined for one that no podnetd wrote whole. */
export function readLink(line: string): (Link & Readonly<Record<string, unknown>>) | undefined {
  try {
    const value = JSON.parse(line) as Readonly<Record<string, unknown>> | null;
    const { seq, prev, event } = value ?? {};
    if (!Number.isSafeInteger(seq) || typeof prev !== 'string' || typeof event !== 'string') return undefined;
    return value as Link & Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
