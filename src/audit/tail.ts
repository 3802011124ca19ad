import { splitLines, type FileEnd } from '../host/files/file-lines.js';
import { sha256 } from '../model/sha256.js';
import { Chain, readLink } from './chain.js';
import { OpenRequests, type OpenRequest } from './open-requests.js';

export interface Tail {
  readonly chain: Chain;
  /** podnetd died before their outcome. */
  readonly open: readonly OpenRequest[];
  /** The bytes behind the last whole line. */
  readonly torn: Buffer | undefined;
}

/** Bytes in which a start looks for requests without an outcome: lines of some thousand. */
const usualBytes = 1_048_576;

/** Reads the end of a file of a chain. @param read returns the last bytes of the file, at most `limit` */
export function readTail(read: (limit: number) => FileEnd): Tail {
  for (let limit = usualBytes; ; limit *= 4) {
    const end = read(limit);
    const tail = followEnd(end);
    // The line of a prune may be longer.
    if (end.isWhole || tail.chain.head.seq > 0) return tail;
  }
}

function followEnd({ bytes, isWhole }: FileEnd): Tail {
  const open = new OpenRequests<undefined>();
  let chain = new Chain();
  let torn: Buffer | undefined;
  for (const [index, line] of [...splitLines(bytes)].entries()) {
    if (!line.isEnded) torn = line.bytes;
    // The first may be the end of a line.
    const link = (index === 0 && !isWhole) || !line.isEnded ? undefined : readLink(line.bytes);
    if (link === undefined) continue;
    chain = new Chain(link.seq, sha256(line.bytes));
    open.note(link, undefined);
  }
  return { chain, open: open.list().map(({ request }) => request), torn };
}
