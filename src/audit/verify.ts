import { hash, noLine, readLink } from './chain.js';

/** A fault of a chain. */
export interface Fault {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface Verdict {
  readonly lines: number;
  /** Number and hash of the last line; undefined without one. */
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly faults: readonly Fault[];
  /** Worth knowing, and no fault. */
  readonly notes: readonly Fault[];
}

interface State {
  seq: number;
  hash: string;
}

/** Follows a chain through files, the oldest first. The chain may begin before the first of them. */
export function verifyFiles(files: readonly { readonly name: string; readonly text: string }[]): Verdict {
  const faults: Fault[] = [];
  const notes: Fault[] = [];
  let state: State | undefined;
  let lines = 0;
  for (const { name, text } of files) {
    const all = text.split('\n');
    const rest = all.pop() ?? '';
    lines += all.length;
    let torn: string | undefined;
    for (const [index, line] of all.entries()) {
      const report = (to: Fault[], reason: string) => to.push({ file: name, line: index + 1, reason });
      const link = readLink(line);
      if (link === undefined) {
        // The line behind says whether podnetd found it.
        if (torn !== undefined) report(faults, 'two lines in a row are no lines of an audit file');
        torn = line;
        const behind = readLink(all[index + 1] ?? '');
        if (behind?.event === 'torn' && behind['hash'] === hash(line))
          report(notes, 'a torn line, kept as podnetd found it');
        else report(faults, 'not a line of an audit file: it was torn or changed');
        continue;
      }
      torn = undefined;
      if (state === undefined) {
        if (link.prev !== noLine && link.seq > 1)
          report(notes, `the chain continues from line ${link.seq - 1} with the hash ${link.prev}`);
        else if (link.prev !== noLine || link.seq !== 1)
          report(faults, `line ${link.seq} and the hash before it do not fit`);
      } else if (link.prev !== state.hash || link.seq !== state.seq + 1) report(faults, explain(link, state));
      state = { seq: link.seq, hash: hash(line) };
    }
    if (rest !== '') faults.push({ file: name, line: all.length + 1, reason: 'the last line is torn' });
  }
  return { lines, head: state, faults, notes };
}

function explain({ seq, prev }: { readonly seq: number; readonly prev: string }, before: State): string {
  if (prev === noLine && seq === 1 && before.seq > 1)
    return `a new chain begins behind line ${before.seq}: lines between may be missing`;
  if (seq > before.seq + 1) {
    const [first, last] = [before.seq + 1, seq - 1];
    return first === last ? `line ${first} is missing before it` : `lines ${first} to ${last} are missing before it`;
  }
  if (seq <= before.seq) return `line ${seq} stands behind line ${before.seq}: it was inserted, duplicated or moved`;
  return `the line before, number ${before.seq}, was changed or exchanged`;
}
