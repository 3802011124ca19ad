import { sha256 } from '../model/sha256.js';

/** Stands before the first line of all. */
export const noLine = '0'.repeat(64);

/** The members that each line has. */
export interface Link {
  /** Counts the lines, from 1, over all files of a chain. */
  readonly seq: number;
  /** SHA-256 of the line before; {@link noLine} for the first. */
  readonly prev: string;
  readonly event: string;
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

  /** @param members of the line's object besides those of {@link Link}, as {@link writeMembers} writes them @returns the line with its end of line, linked to the one before */
  add(event: string, members: string): string {
    this.seq += 1;
    const line = `{"seq":${this.seq},"prev":"${this.last}","event":"${event}"${members}}`;
    this.last = sha256(line);
    return `${line}\n`;
  }

  /** Takes back what was added since. */
  rewind({ seq, hash }: Chain['head']): void {
    this.seq = seq;
    this.last = hash;
  }
}

/** The members of an object as JSON, each behind a comma: texts of several objects, joined, are members of one. */
export function writeMembers(facts: object): string {
  const text = JSON.stringify(facts);
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}

/** The members of a line; undefined for one that no podnetd wrote whole. */
export function readLink(line: Buffer): (Link & Readonly<Record<string, unknown>>) | undefined {
  try {
    const value = JSON.parse(line.toString('utf8')) as Readonly<Record<string, unknown>> | null;
    const { seq, prev, event } = value ?? {};
    if (!Number.isSafeInteger(seq) || typeof prev !== 'string' || typeof event !== 'string') return undefined;
    return value as Link & Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
