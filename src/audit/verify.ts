import type { FileLine } from '../host/files/file-lines.js';
import { sha256 } from '../model/sha256.js';
import { noLine, readLink } from './chain.js';
import { OpenRequests } from './open-requests.js';

interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A fault of a chain. */
export interface Fault extends Place {
  readonly reason: string;
}

export interface Verdict {
  readonly lines: number;
  /** Number and hash of the last line; undefined without one. */
  readonly head: Head | undefined;
  readonly faults: readonly Fault[];
  /** Worth knowing, and no fault. */
  readonly notes: readonly Fault[];
}

interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** Follows a chain through files, the oldest first. The chain may begin before the first of them. */
export function verifyFiles(files: readonly { readonly name: string; readonly lines: Iterable<FileLine> }[]): Verdict {
  const faults: Fault[] = [];
  const notes: Fault[] = [];
  const open = new OpenRequests<Place>();
  let head: Head | undefined;
  let count = 0;
  for (const { name, lines } of files) {
    let number = 0;
    /** A line that is none of podnetd's; the one behind may say that podnetd found it torn. */
    let odd: (Place & { readonly hash: string }) | undefined;
    const judgeOdd = (isExplained: boolean) => {
      if (odd === undefined) return;
      if (isExplained) notes.push({ ...odd, reason: 'a torn line, kept as podnetd found it' });
      else faults.push({ ...odd, reason: 'not a line of an audit file: it was torn or changed' });
      odd = undefined;
    };
    for (const { bytes, isEnded } of lines) {
      number += 1;
      const place = { file: name, line: number };
      if (!isEnded) {
        faults.push({ ...place, reason: 'the last line is torn' });
        continue;
      }
      count += 1;
      const link = readLink(bytes);
      judgeOdd(link?.event === 'torn' && link['hash'] === odd?.hash);
      const hash = sha256(bytes);
      if (link === undefined) {
        odd = { ...place, hash };
        continue;
      }
      if (head === undefined) {
        if (link.prev !== noLine && link.seq > 1)
          notes.push({ ...place, reason: `the chain continues from line ${link.seq - 1} with the hash ${link.prev}` });
        else if (link.prev !== noLine || link.seq !== 1)
          faults.push({ ...place, reason: `line ${link.seq} and the hash before it do not fit` });
      } else if (link.prev !== head.hash || link.seq !== head.seq + 1)
        faults.push({ ...place, reason: explain(link, head) });
      head = { seq: link.seq, hash };
      open.note(link, place);
    }
    judgeOdd(false);
  }
  const reason = (id: string) =>
    `request ${id} has no outcome yet: podnetd is at it, or was killed, and the next that opens the file writes what became of it`;
  notes.push(...open.list().map(({ request, place }) => ({ ...place, reason: reason(request.id) })));
  return { lines: count, head, faults, notes };
}

function explain({ seq, prev }: { readonly seq: number; readonly prev: string }, before: Head): string {
  if (prev === noLine && seq === 1 && before.seq > 1)
    return `a new chain begins behind line ${before.seq}: lines between may be missing`;
  if (seq > before.seq + 1) {
    const [first, last] = [before.seq + 1, seq - 1];
    return first === last ? `line ${first} is missing before it` : `lines ${first} to ${last} are missing before it`;
  }
  if (seq <= before.seq) return `line ${seq} stands behind line ${before.seq}: it was inserted, duplicated or moved`;
  return `the line before, number ${before.seq}, was changed or exchanged`;
}
